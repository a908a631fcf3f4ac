//! Optimizers step by step, and a network's first hundred steps from PyTorch's weights on PyTorch's
//! batches.

use crate::golden::{Tolerance, compare, json, numbers, path, report, sizes};
use fusion::prelude::*;
use serde_json::Value as Json;
use std::path::Path;

/// The values of one tensor after each kept step, under the gradients that `make.py` gives.
fn trajectory<T: Float>(opt: &mut impl Optimizer, start: &[T], kept: &[usize]) -> Vec<Vec<T>> {
    let mut w = Tensor::<shape![Dyn], T>::from(start.to_vec()).parameter();
    let mut values = vec![];
    for t in 0..*kept.last().expect("a last step") {
        let g = |i: usize| T::from_f64((((37 * i + 11 * t) % 64) as f64 - 31.0) / 32.0);
        let g = Tensor::<shape![Dyn], T>::from_fn_sized(&[start.len()], g).expect("fits");
        let grads = (&w.trace() * &g).sum().backward();
        opt.step(&mut w, grads);
        if kept.contains(&(t + 1)) {
            values.push(w.to_vec());
        }
    }
    values
}

fn run<T: Float>(name: &str, params: &Json, start: &[T], kept: &[usize]) -> Vec<Vec<T>> {
    let number = |name: &str, default: f64| params.get(name).map_or(default, |x| x.as_f64().expect("a number"));
    let (lr, decay) = (number("lr", f64::NAN), params.get("weight_decay").and_then(Json::as_f64));
    let betas = params.get("betas").map(|pair| (pair[0].as_f64().expect("beta"), pair[1].as_f64().expect("beta")));
    macro_rules! adam {
        ($opt:expr) => {{
            let mut opt = $opt;
            if let Some((first, second)) = betas {
                opt = opt.betas(first, second).eps(number("eps", f64::NAN));
            }
            if let Some(decay) = decay {
                opt = opt.weight_decay(decay);
            }
            trajectory(&mut opt, start, kept)
        }};
    }
    match name {
        "sgd" => {
            let mut opt = Sgd::new(lr).momentum(number("momentum", 0.0)).dampening(number("dampening", 0.0));
            opt = opt.weight_decay(decay.unwrap_or(0.0));
            opt = opt.nesterov(params.get("nesterov").is_some());
            trajectory(&mut opt, start, kept)
        }
        "rmsprop" => {
            let mut opt = RmsProp::new(lr).alpha(number("alpha", 0.99)).eps(number("eps", 1e-8));
            opt = opt.momentum(number("momentum", 0.0)).weight_decay(decay.unwrap_or(0.0));
            opt = opt.centered(params.get("centered").is_some());
            trajectory(&mut opt, start, kept)
        }
        "adagrad" => {
            let mut opt = Adagrad::new(lr).lr_decay(number("lr_decay", 0.0)).eps(number("eps", 1e-10));
            opt = opt.initial_accumulator_value(number("initial_accumulator_value", 0.0));
            trajectory(&mut opt.weight_decay(decay.unwrap_or(0.0)), start, kept)
        }
        "adadelta" => {
            let opt = Adadelta::new(lr).rho(number("rho", 0.9)).eps(number("eps", 1e-6));
            trajectory(&mut opt.weight_decay(decay.unwrap_or(0.0)), start, kept)
        }
        "nadam" => {
            let opt = NAdam::new(lr).momentum_decay(number("momentum_decay", 4e-3));
            adam!(opt.decoupled_weight_decay(params.get("decoupled_weight_decay").is_some()))
        }
        "radam" => adam!(RAdam::new(lr).decoupled_weight_decay(params.get("decoupled_weight_decay").is_some())),
        "adam" => adam!(Adam::new(lr)),
        _ => adam!(AdamW::new(lr)),
    }
}

#[test]
fn optimizers_step_as_pytorch_does() {
    fn check<T: Tolerance>(file: &Json) {
        let (start, kept): (Vec<T>, _) = (numbers(&file["start"]), sizes(&file["kept"]));
        let (mut count, mut wrong) = (0, vec![]);
        for line in file["runs"].as_array().expect("runs") {
            let (name, params) = (line["op"].as_str().expect("a name"), &line["params"]);
            let found = run(name, params, &start, &kept);
            for ((step, found), want) in kept.iter().zip(&found).zip(line[T::NAME].as_array().expect("steps")) {
                count += 1;
                let what = format!("{name} {params} in {}, step {step}", T::NAME);
                wrong.extend(compare(&what, found, &numbers(want)).err());
            }
        }
        report(T::NAME, count, &wrong);
    }
    let file = json("optimizers.json");
    check::<f32>(&file);
    check::<f64>(&file);
}

model! {
    /// The network of `make.py`.
    Mlp: [64] -> [10] { fc1: Linear<_, 64>, Relu, fc2: Linear<_, 32>, Relu, fc3: Linear<_, 10> }
}

/// Within 1e-4 of max(loss, 0.1) at each step: what differs is the order of additions.
#[test]
fn a_network_learns_as_in_pytorch() {
    let losses: Vec<f64> = numbers(&json("mlp.json")["losses"]);
    assert_eq!(losses.len(), 100);
    let digits = fusion::data::digits().map_x(|x| x / 16.0);
    let mut net = Mlp::load(path("mlp.safetensors")).expect("PyTorch's file");
    let mut opt = Adam::new(1e-3);
    let mut worst = 0.0f64;
    for (t, &want) in losses.iter().enumerate() {
        let rows: Vec<usize> = (0..64).map(|k| (1009 * (64 * t + k) + 5) % 1797).collect();
        let batch = digits.select(&rows);
        let loss = net.forward(batch.x.trace()).cross_entropy(&batch.y);
        let off = (f64::from(loss.item()) - want).abs() / want.max(0.1);
        assert!(off <= 1e-4, "step {t}: the loss is {} instead of {want}", loss.item());
        worst = worst.max(off);
        opt.step(&mut net, loss.backward());
    }
    println!("the loss goes from {} to {}; off by {worst:e} at most", losses[0], losses[99]);
    assert!(losses[99] < 0.5 * losses[0]);
}

/// A safetensors file as PyTorch sees it: each entry's name, type, shape and bytes, by name.
fn entries(file: &Path) -> Vec<(String, Json, Json, Vec<u8>)> {
    let bytes = std::fs::read(file).expect("a file");
    let (length, rest) = bytes.split_first_chunk::<8>().expect("a length");
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header: Json = serde_json::from_slice(header).expect("a header");
    let entry = |(name, entry): (&String, &Json)| {
        let place = sizes(&entry["data_offsets"]);
        (name.clone(), entry["dtype"].clone(), entry["shape"].clone(), data[place[0]..place[1]].to_vec())
    };
    let mut list: Vec<_> =
        header.as_object().expect("entries").iter().filter(|(name, _)| *name != "__metadata__").map(entry).collect();
    list.sort_by(|a, b| a.0.cmp(&b.0));
    list
}

/// Saved again, PyTorch's weights are the same entries. The file stays, so that PyTorch itself can
/// load it: `make.py --check target/tmp/parity-mlp.safetensors`.
#[test]
fn a_file_of_pytorch_comes_back_as_it_was() {
    let saved = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parity-mlp.safetensors");
    Mlp::load(path("mlp.safetensors")).expect("PyTorch's file").save(&saved).expect("saved");
    let (ours, theirs) = (entries(&saved), entries(&path("mlp.safetensors")));
    assert_eq!(theirs.len(), 6);
    assert!(ours == theirs, "the saved entries differ");
}
