//! Where gradients go wrong, told of networks that are wrong in one way each.

use fusion::nn::Verdict;
use fusion::prelude::*;

model! { Sound: [8] -> [1] { fc1: Linear<_, 16>, Tanh, fc2: Linear<_, 1> } }
model! { Rectified: [8] -> [1] { fc1: Linear<_, 16>, Relu, fc2: Linear<_, 16>, Relu, fc3: Linear<_, 1> } }
model! { Normed: [3, 8, 8] -> [1] {
    conv: Conv2d<_, 4, 3, padding = 1>, norm: BatchNorm2d<_>, Relu,
    _ + { inner: Conv2d<_, 4, 3, padding = 1>, after: BatchNorm2d<_> }, Relu,
    Flatten,
    fc: Linear<_, 1>,
} }
model! { Deep: [8] -> [1] {
    fc0: Linear<_, 16>, Sigmoid,
    rest: 9 * { fc: Linear<_, 16>, Sigmoid },
    last: Linear<_, 1>,
} }

fn x() -> Tensor<shape![32, 8]> {
    Tensor::from_fn(|i| ((i * 7 % 31) as f32 * 0.9).sin())
}

fn rng() -> StdRng {
    StdRng::seed_from_u64(4)
}

/// What is said of each parameter.
fn verdicts(net: &impl Module, grads: &Gradients) -> Vec<(String, Verdict)> {
    grads.explain(net).rows.into_iter().map(|row| (row.path, row.verdict)).collect()
}

#[test]
fn a_sound_network() {
    let mut net = Sound::init(&mut rng());
    let loss = net.forward(x().trace_with(Trace::training().keep_values())).square().mean();
    assert_eq!(loss.explain().troubles().count(), 0, "{}", loss.explain());
    let grads = loss.backward();
    let mut report = grads.explain(&net);
    assert_eq!(report.troubles().count(), 0, "{report}");
    // The numbers are those of the definition.
    let (g, w) = (grads.get(&net.fc1.weight).unwrap(), &net.fc1.weight);
    let norm = |x: &Tensor<shape![16, 8]>| x.to_vec().iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
    let row = &report.rows[0];
    assert_eq!((row.path.as_str(), row.shape.as_slice()), ("fc1.weight", &[16, 8][..]));
    assert!((row.gradient.norm - norm(&g)).abs() < 1e-12 && (row.weight_norm - norm(w)).abs() < 1e-12);
    assert_eq!(row.ratio, Some(row.gradient.norm / row.weight_norm));
    assert_eq!(row.gradient.largest, g.to_vec().iter().map(|x| f64::from(x.abs())).fold(0.0, f64::max));
    assert_eq!((row.gradient.count, row.gradient.zeros, row.update), (128, 0, None));
    // How far a step went.
    let before = w.clone();
    Adam::new(1e-3).step(&mut net, grads);
    report.measure(&net);
    let update = norm(&(&net.fc1.weight - &before)) / norm(&before);
    assert!((report.rows[0].update.unwrap() - update).abs() < 1e-9);
    assert!(report.to_string().contains("step/|w|"), "{report}");
}

#[test]
fn dead_units() {
    let mut net = Rectified::init(&mut rng());
    net.fc2.bias = Some(Tensor::full(-1e3).parameter());
    let loss = net.forward(x().trace_with(Trace::training().keep_values())).square().mean();
    let report = loss.explain();
    println!("{report}");
    let dead: Vec<_> = report.rows.iter().filter(|row| row.verdict == Verdict::Dead).collect();
    // The second layer, which does ReLU in its own pass, and the first, which nothing reaches.
    assert_eq!(dead.len(), 2, "{report}");
    assert_eq!((dead[1].name, dead[1].dead_units), ("linear relu", Some((16, 16))));
    assert!(report.to_string().contains("dead: all are 0; 16 of 16 units dead"), "{report}");
    let found = verdicts(&net, &loss.backward());
    for (path, verdict) in &found {
        let want = match path.as_str() {
            "fc3.bias" => Verdict::Fine,
            _ => Verdict::Dead, // of the last weight too, whose input is 0
        };
        assert_eq!(*verdict, want, "{found:?}");
    }
    // One unit of the first layer alone.
    let mut net = Rectified::init(&mut rng());
    let bias = Tensor::from_fn(|i| if i == 3 { -1e3 } else { 1.0 });
    net.fc1.bias = Some(bias.parameter());
    let loss = net.forward(x().trace_with(Trace::training().keep_values())).square().mean();
    assert!(loss.explain().rows.iter().any(|row| row.dead_units.is_some_and(|(dead, _)| dead >= 1)));
    let report = loss.backward().explain(&net);
    assert!(report.rows[0].dead_rows >= 1 && report.to_string().contains("of 16 rows are 0"), "{report}");
}

/// A norm that does ReLU in its own pass, with and without the sum of two branches, in training and after it.
#[test]
fn dead_channels() {
    let mut net = Normed::init(&mut rng());
    let low = |channels: &[usize]| Tensor::from_fn(|i| if channels.contains(&i) { -1e3 } else { 1.0 }).parameter();
    (net.norm.bias, net.after.bias) = (low(&[2]), low(&[0, 1, 3]));
    let x = Tensor::<shape![2, 3, 8, 8]>::from_fn(|i| ((i * 7 % 31) as f32 * 0.9).sin());
    for trace in [Trace::training(), Trace::evaluation()] {
        let report = net.forward(x.clone().trace_with(trace.keep_values())).square().mean().explain();
        let dead: Vec<_> = report.rows.iter().filter_map(|row| row.dead_units).collect();
        assert_eq!(dead, [(1, 4), (3, 4)], "{report}");
    }
}

#[test]
fn ten_layers_of_sigmoid() {
    let net = Deep::init(&mut rng());
    let grads = net.forward(x().trace()).square().mean().backward();
    println!("{}", grads.explain(&net));
    let found = verdicts(&net, &grads);
    assert_eq!(found[0], ("fc0.weight".into(), Verdict::Vanishing), "{}", grads.explain(&net));
    assert_eq!(found.last().unwrap().1, Verdict::Fine);
    // With large weights its sigmoids are flat, and the report says where they stand.
    let mut net = Deep::init(&mut rng());
    net.fc0.weight = Tensor::full(50.0).parameter();
    let loss = net.forward((x() + 2.0).trace_with(Trace::training().keep_values())).square().mean();
    let report = loss.explain();
    let first = report.rows.iter().find(|row| row.name == "sigmoid").unwrap();
    assert_eq!((first.verdict, first.saturated), (Verdict::Saturated, Some(1.0)), "{report}");
    assert!(report.to_string().contains("saturated; 100% flat"), "{report}");
    assert!(first.at.file().ends_with("explained.rs") && first.at.line() == 15, "{}", first.at);
}

#[test]
fn exploding() {
    let mut net = Rectified::init(&mut rng());
    net.fc2.weight = (&net.fc2.weight * 1e4).detach().parameter();
    let grads = net.forward(x().trace()).square().mean().backward();
    let found = verdicts(&net, &grads);
    assert_eq!(found[0].1, Verdict::Exploding, "{}", grads.explain(&net));
}

#[test]
fn not_a_number_and_no_gradient() {
    let mut net = Sound::init(&mut rng());
    let y = net.forward(x().trace_with(Trace::training().keep_values()));
    let loss = (y.square() * -1.0).sqrt().mean();
    let report = loss.explain();
    let first = report.troubles().next().expect("a trouble");
    assert!(report.rows.iter().any(|row| row.name == "sqrt" && row.verdict == Verdict::NotFinite), "{report}");
    assert!(first.gradient.nans > 0);
    let report = loss.backward().explain(&net);
    assert!(report.rows.iter().all(|row| row.verdict == Verdict::NotFinite), "{report}");
    assert_eq!((report.rows[0].gradient.nans, report.rows[0].gradient.count), (128, 128));
    assert!(report.to_string().contains("128 NaN, 0 infinite"), "{report}");
    // A parameter that the loss does not depend on.
    let grads = net.fc1.weight.trace().square().sum().backward();
    let report = grads.explain(&net);
    assert_eq!(report.rows.iter().filter(|row| row.verdict == Verdict::NoGradient).count(), 3);
    assert!(report.to_string().lines().any(|line| line.starts_with("fc2.bias") && line.ends_with("no gradient")));
    // One that is tied has one row; one of no elements has nothing wrong.
    net.fc2.bias = None;
    assert_eq!(grads.explain(&vec![net.fc1.weight.clone(), net.fc1.weight.clone()]).rows.len(), 1);
}
