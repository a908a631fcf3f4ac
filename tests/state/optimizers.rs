//! Optimizers: in place, parameter by parameter, and going on where they were.

use crate::{Net, file, header, net};
use fusion::Error;
use fusion::Value;
use fusion::nn::Path;
use fusion::prelude::*;
use std::fs;

/// One step on a batch that depends on `i`.
fn step(net: &mut Net, opt: &mut impl Optimizer, i: usize) {
    let x = Tensor::<shape![5, 3]>::from_fn(|j| ((i * 15 + j) as f32).sin());
    let y = Tensor::<shape![5, 2]>::from_fn(|j| ((i * 10 + j) as f32).cos());
    let loss = net.forward(x.trace()).mse_loss(&y);
    opt.step(net, loss.backward());
}

/// Trains ten steps; and five, saves both, loads both, and trains five more.
fn goes_on<O: Optimizer>(new: impl Fn() -> O, other: impl Fn() -> O) {
    let (mut one, mut opt) = (net(0), new());
    (0..10).for_each(|i| step(&mut one, &mut opt, i));

    let folder = tempfile::tempdir().unwrap();
    let [weights, moments] = ["net", "opt"].map(|name| folder.path().join(name));
    let (mut two, mut opt) = (net(0), new());
    (0..5).for_each(|i| step(&mut two, &mut opt, i));
    two.save(&weights).unwrap();
    opt.save(&two, &moments).unwrap();

    // The optimizer that goes on has other settings and has seen another net, this one too.
    let (mut three, mut opt) = (Net::load(&weights).unwrap(), other());
    step(&mut net(1), &mut opt, 3);
    step(&mut three, &mut opt, 3);
    three.load_state(&weights).unwrap();
    opt.load(&three, &moments).unwrap();
    let again = folder.path().join("again");
    opt.save(&three, &again).unwrap();
    assert_eq!(fs::read(&again).unwrap(), fs::read(&moments).unwrap());
    (5..10).for_each(|i| step(&mut three, &mut opt, i));
    assert_eq!(three.to_bytes().unwrap(), one.to_bytes().unwrap());
}

#[test]
fn training_goes_on_bit_for_bit() {
    goes_on(|| Sgd::new(0.1), || Sgd::new(0.2).momentum(0.5));
    let sgd = || Sgd::new(0.1).momentum(0.9).nesterov(true).weight_decay(1e-3);
    goes_on(sgd, || Sgd::new(7.0));
    let sgd = || Sgd::new(0.1).momentum(0.7).dampening(0.3);
    goes_on(sgd, || Sgd::new(7.0).momentum(0.9));
    let adam = || Adam::new(1e-2).betas(0.8, 0.95).eps(1e-6).weight_decay(0.1);
    goes_on(adam, || Adam::new(1.0));
    goes_on(|| AdamW::new(1e-2), || AdamW::new(1.0));
    goes_on(|| NAdam::new(1e-2), || NAdam::new(1.0).decoupled_weight_decay(true));
    goes_on(|| RAdam::new(1e-2), || RAdam::new(1.0).weight_decay(0.1));
    goes_on(|| Adagrad::new(1e-2).lr_decay(0.1), || Adagrad::new(1.0).initial_accumulator_value(0.5));
    goes_on(|| Adadelta::new(1.0), || Adadelta::new(0.5).rho(1.0));
    goes_on(|| Lars::new(1.0).trust_coefficient(0.1), || Lars::new(0.5).momentum(0.0));
    goes_on(|| Lamb::new(1e-2), || Lamb::new(1.0).weight_decay(0.0));
    let ahead = || Sgd::new(0.1).momentum(0.5).lookahead(2, 0.5);
    goes_on(ahead, || Sgd::new(7.0));
    goes_on(|| AdamW::new(1e-2), || AdamW::new(1.0).lookahead(5, 0.1));
    goes_on(|| Adam::new(1e-2).lookahead(3, 0.8), || Adam::new(1.0));
    let of_matrices = |opt: Muon| opt.group(|_: &str, sizes: &[usize]| sizes.len() < 2, |g| g.frozen());
    goes_on(|| of_matrices(Muon::new(1e-2)), || of_matrices(Muon::new(1.0).nesterov(false)));
    goes_on(|| Lion::new(1e-2).weight_decay(0.1), || Lion::new(1.0));
    goes_on(|| RmsProp::new(1e-2), || RmsProp::new(1.0).momentum(0.5).centered(true));
    goes_on(|| RmsProp::new(1e-2).momentum(0.5).centered(true), || RmsProp::new(1.0));
}

/// Which optimizer it is, the run decides.
#[test]
fn an_optimizer_behind_a_pointer() {
    fn boxed(name: &str) -> Box<dyn Optimizer> {
        match name {
            "sgd" => Box::new(Sgd::new(0.1).momentum(0.9)),
            _ => Box::new(Adam::new(1e-2)),
        }
    }
    goes_on(|| boxed("sgd"), || boxed("sgd"));
    let (mut one, mut two, mut opt, mut same) = (net(0), net(0), boxed("adam"), Adam::new(1e-2));
    for i in 0..3 {
        step(&mut one, &mut &mut *opt, i);
        step(&mut two, &mut same, i);
        let rate = opt.learning_rate() / 2.0;
        opt.set_learning_rate(rate);
        same.set_learning_rate(rate);
    }
    assert_eq!(one.to_bytes().unwrap(), two.to_bytes().unwrap());
    let error = opt.try_set_learning_rate(-1.0).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "learning_rate", .. }), "{error}");
    assert_eq!(opt.learning_rate(), 1e-2 / 8.0);
    let error = opt.try_step(&mut one, &Gradients::default()).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "gradients", .. }), "{error}");
}

#[test]
fn an_optimizer_prints_its_settings() {
    let opt = Sgd::new(0.1).momentum(0.9);
    let text = "Sgd { learning_rate: 0.1, momentum: 0.9, dampening: 0.0, nesterov: false, weight_decay: 0.0, .. }";
    assert_eq!(format!("{opt:?}"), text);
}

#[test]
fn names_are_pytorchs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opt.safetensors");
    let (mut net, mut opt) = (net(0), Adam::new(1e-3));
    step(&mut net, &mut opt, 0);
    opt.save(&net, &path).unwrap();
    let bytes = fs::read(&path).unwrap();
    let text = header(&bytes);
    for part in [
        r#""optimizer":"Adam learning_rate=0.001 beta1=0.9 beta2=0.999 eps=1e-8 weight_decay=0.0""#,
        r#""fc1.weight.exp_avg":{"dtype":"F32","shape":[4,3]"#,
        r#""fc1.weight.exp_avg_sq":{"dtype":"F32","shape":[4,3]"#,
        r#""fc2.bias.step":{"dtype":"I64","shape":[]"#,
    ] {
        assert!(text.contains(part), "{text}");
    }
    let (mut net, mut opt) = (crate::net(0), Sgd::new(0.5).momentum(0.9));
    opt.save(&net, &path).unwrap();
    assert!(!header(&fs::read(&path).unwrap()).contains("momentum_buffer"), "no step, no velocity");
    step(&mut net, &mut opt, 0);
    opt.save(&net, &path).unwrap();
    assert!(header(&fs::read(&path).unwrap()).contains(r#""fc2.weight.momentum_buffer":{"dtype":"F32","shape":[2,4]"#));
}

#[test]
fn what_does_not_fit_is_listed_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opt.safetensors");
    let (mut net, mut opt) = (net(0), Adam::new(1e-3));
    step(&mut net, &mut opt, 0);
    let state = |opt: &Adam| {
        let path = folder.path().join("now");
        opt.save(&net, &path).unwrap();
        fs::read(path).unwrap()
    };
    let before = state(&opt);

    AdamW::new(0.1).save(&net, &path).unwrap();
    let error = opt.load(&net, &path).unwrap_err().to_string();
    assert!(error.ends_with("it was saved by `AdamW`, but this is `Adam`"), "{error}");
    net.save(&path).unwrap();
    let error = opt.load(&net, &path).unwrap_err().to_string();
    assert!(
        error.contains("its metadata has no `optimizer`") && error.contains("`fc1.weight` is unexpected"),
        "{error}"
    );

    let settings = |text: &str| format!(r#"{{"__metadata__":{{"optimizer":"{text}"}}}}"#);
    let good = "Adam learning_rate=0.5 beta1=0.9 beta2=0.99 eps=1e-6 weight_decay=0.0";
    for (text, says) in [
        (good.replace("0.5", "x"), "should have `learning_rate=` and a number, but have `learning_rate=x`"),
        (good.replace("0.5", "-1"), "learning_rate must be a number from 0 on, but is -1"),
        (good.replace("0.5", "NaN"), "but is NaN"),
        (good.replace("0.9 ", "1 "), "beta1 must be from 0 on and below 1, but is 1"),
        (good.replace("eps=1e-6 ", ""), "should have `eps=`"),
        (good.to_owned() + " amsgrad=1", "its settings have `amsgrad=1` after the last"),
        (String::new(), "it was saved by ``"),
    ] {
        fs::write(&path, file(&settings(&text), 0)).unwrap();
        let error = opt.load(&net, &path).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
    fs::write(
        &path,
        file(
            &settings(good).replace(
                "}}",
                concat!(
                    r#"},"fc1.bias.exp_avg":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"#,
                    r#""fc1.bias.exp_avg_sq":{"dtype":"F32","shape":[5],"data_offsets":[16,36]},"#,
                    r#""fc3.bias.exp_avg":{"dtype":"F32","shape":[1],"data_offsets":[36,40]}}"#,
                ),
            ),
            40,
        ),
    )
    .unwrap();
    let error = opt.load(&net, &path).unwrap_err();
    let Error::State { problems, .. } = &error else { panic!("{error}") };
    assert_eq!(
        problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "`fc1.bias.exp_avg_sq` should be f32 [4], but is f32 [5]",
            "`fc3.bias.exp_avg` is unexpected; found f32 [1]",
            "`fc1.bias.step` is missing; expected i64 []"
        ]
    );
    let mut zero_steps = file(
        &settings(good).replace(
            "}}",
            concat!(
                r#"},"fc1.bias.exp_avg":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"#,
                r#""fc1.bias.exp_avg_sq":{"dtype":"F32","shape":[4],"data_offsets":[16,32]},"#,
                r#""fc1.bias.step":{"dtype":"I64","shape":[],"data_offsets":[32,40]}}"#,
            ),
        ),
        40,
    );
    fs::write(&path, &zero_steps).unwrap();
    assert!(opt.load(&net, &path).unwrap_err().to_string().ends_with("a parameter's `step` is below 1"));
    assert_eq!(state(&opt), before, "nothing has changed");
    let at = zero_steps.len() - 8;
    zero_steps[at] = 1;
    fs::write(&path, &zero_steps).unwrap();
    opt.load(&net, &path).unwrap();
    assert_eq!(opt.learning_rate(), 0.5);
}

/// A parameter without a gradient neither moves nor counts a step, as in PyTorch.
#[test]
fn a_parameter_without_a_gradient_is_left_out() {
    let mut pair = [Tensor::<shape![2]>::ones().parameter(), Tensor::ones().parameter()];
    let mut opt = Adam::new(0.1).weight_decay(0.5);
    for i in 0..4 {
        let grads = pair[i % 2].trace().square().sum().backward();
        opt.step(&mut pair, grads);
        if i == 0 {
            assert_eq!(pair[1].to_vec(), [1.0, 1.0]);
        }
    }
    assert_eq!(pair[0].to_vec(), pair[1].to_vec(), "both have made two steps");
    assert!(pair[0].to_vec()[0] < 0.9);
}

#[test]
fn a_clone_keeps_its_values_and_the_elements_stay_where_they_are() {
    let mut w = Tensor::<shape![64]>::ones().parameter();
    let mut opt = Sgd::new(0.25);
    let before = w.clone();
    let grads = w.trace().sum().backward();
    opt.step(&mut w, grads);
    assert_eq!((before.to_vec()[0], w.to_vec()[0]), (1.0, 0.75));
    let place = w.as_slice().unwrap().as_ptr();
    let grads = w.trace().sum().backward();
    opt.step(&mut w, grads);
    assert_eq!(w.as_slice().unwrap().as_ptr(), place);
}

/// One parameter in two places takes one step, with the gradients of both.
#[test]
fn tied_weights_stay_tied() {
    struct Tied {
        encoder: Tensor<shape![2]>,
        decoder: Tensor<shape![2]>,
    }
    impl Module for Tied {
        fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
            self.encoder.walk(&path.child("encoder"), visit);
            self.decoder.walk(&path.child("decoder"), visit);
        }
        fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
            self.encoder.walk_mut(&path.child("encoder"), visit);
            self.decoder.walk_mut(&path.child("decoder"), visit);
        }
    }
    let w = Tensor::<shape![2]>::from([1.0, 2.0]).parameter();
    let mut tied = Tied { encoder: w.clone(), decoder: w };
    let mut single = Tensor::<shape![2]>::from([1.0, 2.0]).parameter();
    let new = || Sgd::new(0.1).momentum(0.9);
    let (mut of_tied, mut of_single) = (new(), new());
    for _ in 0..3 {
        let x = Tensor::<shape![2]>::ones().trace();
        let grads = (&(&x * &tied.encoder) * &tied.decoder).sum().backward();
        of_tied.step(&mut tied, grads);
        let grads = (&(&x * &single) * &single).sum().backward();
        of_single.step(&mut single, grads);
        assert_eq!(tied.encoder.to_vec(), single.to_vec());
        assert_eq!(tied.decoder.to_vec(), single.to_vec());
    }
    assert_eq!(tied.encoder.value().link().id(), tied.decoder.value().link().id());
}

/// The state of a parameter follows it when the module changes: whoever was there all the time is as if nobody else had
/// come or gone.
#[test]
fn layers_may_come_and_go() {
    let run = |changes: bool| {
        let new = |x: f32| Tensor::<shape![1]>::full(x).parameter();
        let (mut list, mut opt) = (vec![new(1.0), new(2.0)], Sgd::new(0.1).momentum(0.9));
        for i in 0..6 {
            if changes && i == 2 {
                list.insert(0, new(3.0));
            }
            if changes && i == 4 {
                list.remove(0);
                list.swap(0, 1);
            }
            let mut grads = Gradients::default();
            list.iter().for_each(|w| grads.accumulate(w.trace().square().sum().backward()));
            opt.step(&mut list, grads);
        }
        let mut values: Vec<f32> = list.iter().map(|w| w.to_vec()[0]).collect();
        values.sort_by(f32::total_cmp);
        values
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn settings_out_of_range_panic() {
    let refused = |f: fn()| {
        let error = std::panic::catch_unwind(f).expect_err("out of range");
        *error.downcast::<String>().expect("a sentence")
    };
    assert_eq!(refused(|| drop(Sgd::new(-1.0))), "learning_rate must be a number from 0 on, but is -1");
    assert_eq!(refused(|| drop(Adam::new(0.1).betas(0.9, 1.0))), "beta2 must be from 0 on and below 1, but is 1");
    assert_eq!(refused(|| drop(AdamW::new(f64::NAN))), "learning_rate must be a number from 0 on, but is NaN");
    assert_eq!(
        refused(|| step(&mut net(0), &mut Sgd::new(0.1).nesterov(true), 0)),
        "nesterov needs momentum and no dampening"
    );
}

/// What one optimizer with groups does, several without do, each for a part; and a file goes on with the groups.
#[test]
fn a_group_is_an_optimizer_of_its_own() {
    let grouped = || {
        AdamW::new(1e-2)
            .weight_decay(0.1)
            .group("fc1.*", |g| g.rate_factor(0.5).weight_decay(0.5))
            .group(|_: &str, sizes: &[usize]| sizes.len() < 2, |g| g.weight_decay(0.0))
            .group("fc2.weight", |g| g.frozen())
    };
    let (mut one, mut opt) = (net(0), grouped());
    let (mut two, frozen) = (net(0), net(0));
    let new = |rate, decay| AdamW::new(rate).weight_decay(decay);
    let (mut weight, mut bias, mut last) = (new(5e-3, 0.5), new(5e-3, 0.0), new(1e-2, 0.0));
    for i in 0..5 {
        if i == 3 {
            let rate = |x: &mut AdamW, rate| x.set_learning_rate(rate);
            rate(&mut opt, 0.1);
            rate(&mut weight, 0.05);
            rate(&mut bias, 0.05);
            rate(&mut last, 0.1);
        }
        step(&mut one, &mut opt, i);
        let x = Tensor::<shape![5, 3]>::from_fn(|j| ((i * 15 + j) as f32).sin());
        let y = Tensor::<shape![5, 2]>::from_fn(|j| ((i * 10 + j) as f32).cos());
        let grads = two.forward(x.trace()).mse_loss(&y).backward();
        weight.step(&mut two.fc1.weight, &grads);
        bias.step(&mut two.fc1.bias, &grads);
        last.step(&mut two.fc2.bias, &grads);
    }
    assert_eq!(one.to_bytes().unwrap(), two.to_bytes().unwrap());
    assert_eq!(one.fc2.weight.to_vec(), frozen.fc2.weight.to_vec());
    goes_on(grouped, grouped);

    // A group that comes later counts too.
    let mut opt = opt.group("*", |g| g.frozen());
    let before = one.to_bytes().unwrap();
    step(&mut one, &mut opt, 9);
    assert_eq!(one.to_bytes().unwrap(), before);
    assert!(format!("{opt:?}").contains(r#"groups: {"fc1.*": Group { rate_factor: Some(0.5)"#), "{opt:?}");
}

#[test]
fn a_group_of_nothing_is_refused() {
    let mut net = net(0);
    let before = net.to_bytes().unwrap();
    let x = Tensor::<shape![5, 3]>::ones();
    let grads = net.forward(x.trace()).square().mean().backward();
    let mut refused = |mut opt: Sgd| opt.try_step(&mut net, &grads).unwrap_err().to_string();
    let good = || Sgd::new(0.1).group("*.bias", |g| g.rate_factor(2.0));
    assert_eq!(
        refused(good().group("*.wieght", |g| g.frozen())),
        "the group `*.wieght` fits the path of no parameter of this module; the nearest is `fc1.weight`"
    );
    assert_eq!(
        refused(good().group("fc2.bais", |g| g.frozen())),
        "the group `fc2.bais` fits the path of no parameter of this module; the nearest is `fc2.bias`"
    );
    assert_eq!(
        refused(good().group(|path: &str, _: &[usize]| path == "fc3", |g| g.frozen())),
        "the function of group 2 holds none of the 4 parameters of this module"
    );
    assert_eq!(net.to_bytes().unwrap(), before);
}

/// What is saved, loaded and continued is as if it had gone on, also L-BFGS, whose step takes a function.
#[test]
fn lbfgs_goes_on_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let (weights, moments) = (folder.path().join("weights"), folder.path().join("moments"));
    let x = Tensor::<shape![5, 3]>::from_fn(|j| (j as f32).sin());
    let y = Tensor::<shape![5, 2]>::from_fn(|j| (j as f32).cos());
    let loss = |net: &Net| net.forward(x.trace()).mse_loss(&y);
    let new = || Lbfgs::new(0.5).max_iter(3).history_size(4).strong_wolfe(true);
    let (mut one, mut opt) = (net(0), new());
    for _ in 0..4 {
        opt.step(&mut one, loss);
    }
    one.save(&weights).unwrap();
    opt.save(&one, &moments).unwrap();
    let (mut two, mut other) = (net(1), Lbfgs::new(7.0));
    two.load_state(&weights).unwrap();
    other.load(&two, &moments).unwrap();
    let again = folder.path().join("again");
    other.save(&two, &again).unwrap();
    assert_eq!(fs::read(&again).unwrap(), fs::read(&moments).unwrap());
    let losses: Vec<f64> = (0..3).map(|_| opt.step(&mut one, loss)).collect();
    assert_eq!((0..3).map(|_| other.step(&mut two, loss)).collect::<Vec<_>>(), losses);
    assert_eq!(two.to_bytes().unwrap(), one.to_bytes().unwrap());
    assert!(losses.windows(2).all(|pair| pair[1] < pair[0]), "{losses:?}");

    // Before a step there is nothing but settings; another optimizer's file is none.
    new().save(&one, &moments).unwrap();
    other.load(&two, &moments).unwrap();
    assert_eq!(other.learning_rate(), 0.5);
    Adam::new(0.1).save(&one, &moments).unwrap();
    let error = other.load(&two, &moments).unwrap_err().to_string();
    assert!(error.ends_with("it was saved by `Adam`, but this is `Lbfgs`"), "{error}");
    let text = header(&fs::read(&again).unwrap()).replace("fc1.bias.d", "fc1.bias.D");
    let mut bytes = fs::read(&again).unwrap();
    bytes[8..8 + text.len()].copy_from_slice(text.as_bytes());
    fs::write(&again, bytes).unwrap();
    let error = other.load(&two, &again).unwrap_err().to_string();
    assert!(error.contains("`fc1.bias.d` is missing") && error.contains("`fc1.bias.D` is unexpected"), "{error}");
}

/// Frozen parameters stay, tied ones are one, and a loss of another network is refused.
#[test]
fn lbfgs_and_parameters_of_every_kind() {
    let w = Tensor::<shape![2]>::from([1.0, 2.0]).parameter();
    let mut module = (w.clone(), w.clone(), Tensor::<shape![2]>::ones().parameter());
    fusion::nn::freeze(&mut module.2);
    let mut opt = Lbfgs::new(1.0);
    let loss = |(a, b, c): &(Tensor<shape![2]>, Tensor<shape![2]>, Tensor<shape![2]>)| {
        (a.trace() + b.trace() * c - 4.0).square().sum()
    };
    opt.step(&mut module, loss);
    assert_eq!(module.0.to_vec(), module.1.to_vec());
    assert!((module.0.to_vec()[0] - 2.0).abs() < 1e-3 && module.2.to_vec() == [1.0, 1.0], "{module:?}");
    let other = Tensor::<shape![2]>::ones().parameter();
    let before = module.0.to_vec();
    let error = opt.try_step(&mut module, |_| other.trace().square().sum()).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "loss", .. }), "{error}");
    assert!(error.to_string().starts_with("none of the 1 parameters of this module has a gradient"), "{error}");
    assert_eq!(module.0.to_vec(), before);
}

#[test]
fn muon_refuses_what_is_no_matrix() {
    let mut net = net(0);
    let before = net.to_bytes().unwrap();
    let x = Tensor::<shape![5, 3]>::ones();
    let grads = net.forward(x.trace()).square().mean().backward();
    let error = Muon::new(0.1).try_step(&mut net, &grads).unwrap_err().to_string();
    assert_eq!(
        error,
        "Muon steps matrices, but `fc1.bias` has the sizes [4]: leave it to another optimizer, and out of this one by \
         `.group(\"fc1.bias\", |g| g.frozen())` or a group of all that are alike"
    );
    assert_eq!(net.to_bytes().unwrap(), before);
    let mut opt = Muon::new(0.1).group("*.bias", |g| g.frozen());
    opt.step(&mut net, &grads);
    // What comes later is looked at too.
    let vector = Tensor::<shape![3]>::ones().parameter();
    let grads = vector.trace().square().sum().backward();
    assert!(opt.try_step(&mut (&mut net, vector), &grads).unwrap_err().to_string().contains("`1` has the sizes [3]"));
}

/// A mean is saved with its count, and goes on.
#[test]
fn a_mean_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mean");
    let nets: Vec<Net> = (0..4).map(net).collect();
    let mut mean = Averaged::equal(&nets[0]);
    nets[..3].iter().for_each(|net| mean.update(net));
    mean.save(&path).unwrap();
    assert!(header(&fs::read(&path).unwrap()).contains(r#""module.fc1.weight":{"dtype":"F32","shape":[4,3]"#));
    let mut again = Averaged::equal(&nets[3]);
    again.load_state(&path).unwrap();
    assert_eq!(again.updates(), 3);
    mean.update(&nets[3]);
    again.update(&nets[3]);
    assert_eq!(again.to_bytes().unwrap(), mean.to_bytes().unwrap());
    let want = nets.iter().map(|net| net.fc1.weight.to_vec()[5]).sum::<f32>() / 4.0;
    assert!((mean.fc1.weight.to_vec()[5] - want).abs() < 1e-6);
    // It is a network of its own.
    assert_ne!(mean.fc1.weight.value().link().id(), nets[3].fc1.weight.value().link().id());
}

#[test]
fn lookahead_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opt");
    let (mut net, mut opt) = (net(0), Sgd::new(0.1).lookahead(5, 0.5));
    step(&mut net, &mut opt, 0);
    opt.save(&net, &path).unwrap();
    let bytes = fs::read(&path).unwrap();
    let text = header(&bytes);
    for part in [
        r#"weight_decay=0.0 lookahead_steps=5 lookahead_alpha=0.5""#,
        r#""fc1.weight.slow_buffer":{"dtype":"F32","shape":[4,3]"#,
        r#""fc2.bias.step":{"dtype":"I64","shape":[]"#,
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(format!("{opt:?}").contains("lookahead: Lookahead { steps: 5, alpha: 0.5 }"), "{opt:?}");
    for (settings, says) in [
        ("lookahead_steps=0 lookahead_alpha=0.5", "lookahead's steps must be above 0"),
        ("lookahead_steps=5 lookahead_alpha=2", "lookahead's alpha must be from 0 to 1, but is 2"),
        ("lookahead_steps=5 alpha=2", "`lookahead_steps=5 alpha=2` is not what lookahead writes"),
    ] {
        let all = "Sgd learning_rate=0.1 momentum=0.0 dampening=0.0 nesterov=0.0 weight_decay=0.0";
        let text = format!(r#"{{"__metadata__":{{"optimizer":"{all} {settings}"}}}}"#);
        fs::write(&path, file(&text, 0)).unwrap();
        let error = opt.load(&net, &path).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
