//! What `minimizers.py` has: L-BFGS loss by loss, Muon, lookahead, means of networks.

use crate::golden::{Tolerance, compare, json, numbers, report, sizes};
use fusion::nn::Buffer;
use fusion::prelude::*;
use serde_json::Value as Json;

fn lines(file: &Json, part: &str) -> Vec<Json> {
    file[part].as_array().expect("runs").clone()
}

fn number(params: &Json, name: &str, default: f64) -> f64 {
    params.get(name).map_or(default, |x| x.as_f64().expect("a number"))
}

fn count(params: &Json, name: &str, default: usize) -> usize {
    params.get(name).map_or(default, |x| x.as_u64().expect("a count") as usize)
}

fn wave<S: StaticShape>(scale: f64, phase: f64) -> Tensor<S, f64> {
    Tensor::from_fn(|i| scale * (1.7 * i as f64 + phase).sin())
}

/// The loss before each step, and all parameters after the last.
fn minimize<M: Module>(opt: &mut Lbfgs, mut at: M, loss: impl Fn(&M) -> Tensor<(), f64>) -> (Vec<f64>, Vec<f64>) {
    let losses = (0..5).map(|_| opt.step(&mut at, &loss)).collect();
    (losses, at.parameters().iter().flat_map(|value| value.array().to_vec::<f64>()).collect())
}

fn rosenbrock(opt: &mut Lbfgs) -> (Vec<f64>, Vec<f64>) {
    let x = Tensor::<shape![6], f64>::from([-1.2, 1.0, 0.5, -0.5, 2.0, 0.0]).parameter();
    minimize(opt, x, |x| {
        let x = x.trace();
        let (x, next) = (x.slice(Axis::<0>, ..5), x.slice(Axis::<0>, 1..));
        ((next - x.square()).square() * 100.0 + (1.0 - x).square()).sum()
    })
}

fn logistic(opt: &mut Lbfgs) -> (Vec<f64>, Vec<f64>) {
    let (x, signs) = (wave::<shape![20, 4]>(2.0, 0.3), wave::<shape![20]>(1.0, 1.1).to_vec());
    let y = Tensor::<shape![20], f64>::from_fn(|i| f64::from(u8::from(signs[i] > 0.0)));
    let start = (wave::<shape![4]>(0.5, 0.0).parameter(), Tensor::<(), f64>::zeros().parameter());
    minimize(opt, start, |(w, b)| {
        let w = w.trace();
        (x.matmul(&w) + b.trace().expand::<shape![20]>()).bce_with_logits(&y) + w.square().sum() * 0.01
    })
}

fn network(opt: &mut Lbfgs) -> (Vec<f64>, Vec<f64>) {
    let (x, y) = (wave::<shape![16, 3]>(1.5, 0.2), wave::<shape![16, 2]>(1.0, 0.9));
    let start = (wave::<shape![3, 5]>(0.7, 0.1).parameter(), wave::<shape![5, 2]>(0.7, 0.5).parameter());
    minimize(opt, start, |(a, b)| x.matmul(&a.trace()).tanh().matmul(b).mse_loss(&y))
}

#[test]
fn lbfgs_goes_as_in_pytorch() {
    let runs = lines(&json("minimizers.json"), "lbfgs");
    let mut worst = 0.0f64;
    for run in &runs {
        let params = &run["params"];
        let mut opt = Lbfgs::new(number(params, "lr", 1.0))
            .max_iter(count(params, "max_iter", 20))
            .tolerance_grad(number(params, "tolerance_grad", 1e-7))
            .history_size(count(params, "history_size", 100))
            .strong_wolfe(params.get("line_search_fn").is_some());
        if params.get("max_eval").is_some() {
            opt = opt.max_eval(count(params, "max_eval", 0));
        }
        let (losses, end) = match run["problem"].as_str().expect("a name") {
            "rosenbrock" => rosenbrock(&mut opt),
            "logistic" => logistic(&mut opt),
            _ => network(&mut opt),
        };
        let off = |found: &[f64], want: Vec<f64>| {
            assert_eq!(found.len(), want.len());
            found.iter().zip(&want).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max)
        };
        // A rounding grows from iteration to iteration, up to 100 of them.
        let far = off(&losses, numbers(&run["losses"])).max(1e-2 * off(&end, numbers(&run["end"])));
        assert!(far < 1e-9, "{} {params}: off by {far:e}: {losses:?}", run["problem"]);
        worst = worst.max(far);
    }
    println!("{} runs of L-BFGS, off by {worst:e} at most", runs.len());
}

/// The parameter after each kept step.
fn trajectory<S: Shape, T: Float>(opt: &mut impl Optimizer, start: Tensor<S, T>, kept: &[usize]) -> Vec<Vec<T>> {
    let (mut w, mut values) = (start.parameter(), vec![]);
    for t in 0..*kept.last().expect("a last step") {
        let g = |i: usize| T::from_f64((((37 * i + 11 * t) % 64) as f64 - 31.0) / 32.0);
        let all = (0..w.num_elements()).map(g).collect();
        let g = Tensor::<S, T>::from_vec_sized(all, &w.shape()).expect("the sizes of w");
        let grads = (&w.trace() * &g).sum().backward();
        opt.step(&mut w, grads);
        if kept.contains(&(t + 1)) {
            values.push(w.to_vec());
        }
    }
    values
}

fn check<T: Tolerance>(what: &str, runs: &[Json], kept: &[usize], run: impl Fn(&Json) -> Vec<Vec<T>>) {
    let (mut count, mut wrong) = (0, vec![]);
    for line in runs {
        for ((step, found), want) in kept.iter().zip(run(line)).zip(line[T::NAME].as_array().expect("steps")) {
            count += 1;
            let name = format!("{what} {} in {}, step {step}", line["params"], T::NAME);
            wrong.extend(compare(&name, &found, &numbers(want)).err());
        }
    }
    assert!(count > 0);
    report(&format!("{what} in {}", T::NAME), count, &wrong);
}

#[test]
fn muon_steps_as_its_reference() {
    fn run<T: Float>(line: &Json, start: &[T], kept: &[usize]) -> Vec<Vec<T>> {
        let (shape, params) = (sizes(&line["shape"]), &line["params"]);
        let mut opt = Muon::new(number(params, "lr", 1e-3))
            .momentum(number(params, "momentum", 0.95))
            .weight_decay(number(params, "weight_decay", 0.1))
            .ns_steps(count(params, "ns_steps", 5))
            .eps(number(params, "eps", 1e-7))
            .nesterov(params.get("nesterov").is_none())
            .match_rms_adamw(params.get("adjust_lr_fn").is_some());
        let all = start[..shape.iter().product()].to_vec();
        match shape.len() {
            2 => trajectory(&mut opt, Tensor::<shape![Dyn, Dyn], T>::from_vec_sized(all, &shape).unwrap(), kept),
            _ => trajectory(
                &mut opt,
                Tensor::<shape![Dyn, Dyn, Dyn, Dyn], T>::from_vec_sized(all, &shape).unwrap(),
                kept,
            ),
        }
    }
    let file = json("minimizers.json");
    let (runs, kept) = (lines(&file, "muon"), sizes(&file["kept"]));
    check::<f32>("muon", &runs, &kept, |line| run(line, &numbers::<f32>(&file["start"]), &kept));
    check::<f64>("muon", &runs, &kept, |line| run(line, &numbers::<f64>(&file["start"]), &kept));
}

#[test]
fn lookahead_goes_as_its_reference() {
    fn run<T: Float>(line: &Json, start: &[T], kept: &[usize]) -> Vec<Vec<T>> {
        let (params, steps, alpha) = (&line["params"], count(line, "steps", 0), number(line, "alpha", 0.0));
        let start = Tensor::<shape![Dyn], T>::from(start.to_vec());
        let lr = number(params, "lr", 0.0);
        match line["op"].as_str().expect("a name") {
            "sgd" => {
                let mut opt = Sgd::new(lr).momentum(number(params, "momentum", 0.0)).lookahead(steps, alpha);
                trajectory(&mut opt, start, kept)
            }
            _ => trajectory(&mut Adam::new(lr).lookahead(steps, alpha), start, kept),
        }
    }
    let file = json("minimizers.json");
    let (runs, kept) = (lines(&file, "lookahead"), sizes(&file["kept"]));
    check::<f32>("lookahead", &runs, &kept, |line| run(line, &numbers::<f32>(&file["start"]), &kept));
    check::<f64>("lookahead", &runs, &kept, |line| run(line, &numbers::<f64>(&file["start"]), &kept));
}

#[derive(Module)]
#[module(no_init)]
struct Pair {
    weight: Tensor<shape![3], f64>,
    seen: Buffer<shape![2], f64>,
}

#[test]
fn means_are_pytorchs() {
    let at = |t: f64| Pair { weight: wave(1.0, 0.7 * t).parameter(), seen: Buffer::new(wave(2.0, 0.3 * t)) };
    for run in lines(&json("minimizers.json"), "averaged") {
        let net = at(0.0);
        let mut mean = match run["decay"].as_f64() {
            Some(decay) => Averaged::ema(&net, decay),
            None => Averaged::equal(&net),
        };
        for (t, state) in (1u8..).zip(run["states"].as_array().expect("states")) {
            mean.update(&at(f64::from(t)));
            let found = [mean.weight.to_vec(), mean.seen.get().to_vec()].concat();
            // PyTorch has 1 / n of equal weights in f32.
            let far = found.iter().zip(numbers::<f64>(state)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(
                far < if run["decay"].is_null() { 1e-8 } else { 1e-12 },
                "{} after {t}: off by {far:e}",
                run["decay"]
            );
            assert_eq!(mean.updates(), u64::from(t));
        }
    }
}
