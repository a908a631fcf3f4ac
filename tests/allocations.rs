//! After its first steps, training asks the system for no memory, and neither does inference.

mod counting;

use counting::asked;
use fusion::prelude::*;

model! {
    /// micrograd's network for the two moons.
    Tiny: [2] -> [1] { fc1: Linear<_, 16>, Relu, fc2: Linear<_, 16>, Relu, fc3: Linear<_, 1> }
}

model! {
    Mlp: [784] -> [10] { fc1: Linear<_, 128>, Relu, fc2: Linear<_, 64>, Relu, fc3: Linear<_, 10> }
}

/// Runs `f` ten times; the tenth must ask for nothing.
fn tenth_asks_nothing(mut f: impl FnMut()) {
    let times: Vec<usize> = (0..10).map(|_| asked(&mut f).1.times).collect();
    assert_eq!(times[9], 0, "asked of the system in each run: {times:?}");
}

#[test]
fn what_is_asked_is_counted() {
    let list = std::hint::black_box(|n| vec![1u8; n]);
    let (_, asked) = asked(|| (list(100), list(1000), Tensor::<shape![3_000_000]>::zeros()));
    assert!(asked.times >= 3 && asked.largest >= 12_000_000, "{asked:?}");
}

#[test]
fn training_and_using_the_tiny_net() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut net = Tiny::init(&mut rng);
    let x = Tensor::<shape![100, 2]>::normal(0.0, 1.0, &mut rng);
    let y = Tensor::<shape![100, 1]>::from_fn(|i| (i % 2) as f32);
    let mut opt = Sgd::new(0.1);
    tenth_asks_nothing(|| {
        let loss = net.forward(x.trace()).bce_with_logits(&y);
        opt.step(&mut net, loss.backward());
    });
    tenth_asks_nothing(|| assert_eq!(net.forward(x.clone()).num_elements(), 100));
}

#[test]
fn training_and_using_the_mlp() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut net = Mlp::init(&mut rng);
    let x = Tensor::<shape![64, 784]>::uniform(0.0, 1.0, &mut rng);
    let y = Tensor::<shape![64], i64>::from_fn(|i| (i % 10) as i64);
    let mut opt = Adam::new(1e-3);
    let mut last = f32::INFINITY;
    tenth_asks_nothing(|| {
        let loss = net.forward(x.trace()).cross_entropy(&y);
        last = loss.item();
        opt.step(&mut net, loss.backward());
    });
    assert!(last.is_finite());
    tenth_asks_nothing(|| assert_eq!(net.forward(x.clone()).num_elements(), 640));
    let one = Tensor::<shape![1, 784]>::uniform(0.0, 1.0, &mut rng);
    tenth_asks_nothing(|| assert_eq!(net.forward(one.clone()).num_elements(), 10));
}

/// Every optimizer, a parameter without a gradient, one that is clipped, and one that stands in two places.
#[test]
fn steps_of_every_kind() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut nets = vec![Linear::<dim!(8), dim!(8)>::init(&mut rng), Linear::init(&mut rng)];
    nets.push(Linear { weight: nets[0].weight.clone(), bias: nets[1].bias.clone() });
    let x = Tensor::<shape![4, 8]>::normal(0.0, 1.0, &mut rng);
    let mut optimizers: Vec<Box<dyn Optimizer>> = vec![
        Box::new(Sgd::new(0.1).momentum(0.9).nesterov(true).weight_decay(1e-4)),
        Box::new(Adam::new(1e-3).weight_decay(1e-4)),
        Box::new(AdamW::new(1e-3).group("*.bias", |g| g.weight_decay(0.0))),
        Box::new(RmsProp::new(1e-3).momentum(0.9).centered(true)),
        Box::new(NAdam::new(1e-3)),
        Box::new(RAdam::new(1e-3)),
        Box::new(Adagrad::new(1e-3)),
        Box::new(Adadelta::new(0.1)),
        Box::new(Lion::new(1e-4)),
        Box::new(Lars::new(0.1)),
        Box::new(Lamb::new(1e-3)),
        Box::new(Sgd::new(0.1).lookahead(3, 0.5)),
        Box::new(Muon::new(1e-3).group("*.bias", |g| g.frozen())),
    ];
    tenth_asks_nothing(|| {
        for opt in &mut optimizers {
            let mut grads = nets[2].forward(nets[0].forward(x.trace())).square().mean().backward();
            grads.clip_norm(1.0);
            opt.step(&mut nets, grads);
        }
    });
    assert_eq!(nets[0].weight.to_vec(), nets[2].weight.to_vec());
}

/// Of a chain of 32 layers in 6 parts, about a third of the activations live at once.
#[test]
fn a_part_is_computed_again_instead_of_kept() {
    type X = Tensor<shape![64, 512]>;
    let chain = |layers: usize, x: X| (0..layers).fold(x, |x, _| (x.tanh() * 1.01).square());
    let x = X::full(0.5).watch();
    let in_parts = || {
        let parts = [6, 6, 5, 5, 5, 5];
        parts.iter().fold(x.clone(), |x, &layers| fusion::checkpoint(&(), x, move |(), x| chain(layers, x)))
    };
    let peak_of = |y: &dyn Fn() -> X| {
        fusion::trim_memory();
        let (gradient, asked) = asked(|| y().sum().backward().get(&x).expect("a gradient").to_vec());
        (gradient, asked.peak)
    };
    let (want, whole) = peak_of(&|| chain(32, x.clone()));
    let (gradient, parts) = peak_of(&in_parts);
    assert_eq!(gradient, want);
    println!("{whole} bytes at most, in parts {parts}");
    assert!(parts * 2 < whole, "{whole} bytes at most, in parts {parts}");
}

model! {
    /// Of every kind of step that a prepared network has.
    Images: [3, 16, 16] -> [10] {
        conv1: Conv2d<_, 8, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
        _ + { Conv2d<_, 8, 3, padding = 1>, BatchNorm2d<_> }, Relu,
        _ | { Conv2d<_, 8, 1>, Gelu } | { BatchNorm2d<_>, LeakyRelu },
        MaxPool2d<2>,
        { Conv2d<_, 16, 3, stride = 2, padding = 1>, Sigmoid } + { Conv2d<_, 16, 1, stride = 2>, Tanh },
        Upsample<2>,
        AvgPool2d<2>, Dropout2d,
        Flatten,
        fc1: Linear<_, 32>, Relu, Dropout,
        fc2: Linear<_, 10>, Softmax,
    }
}

/// The memory of its steps stays, and so does that of its output.
#[test]
fn a_prepared_network() {
    let mut rng = StdRng::seed_from_u64(1);
    let ready = Images::init(&mut rng).prepare();
    let one = Tensor::<shape![1, 3, 16, 16]>::uniform(0.0, 1.0, &mut rng);
    let some = Tensor::<shape![5, 3, 16, 16]>::uniform(0.0, 1.0, &mut rng);
    tenth_asks_nothing(|| assert_eq!(ready.forward(one.clone()).num_elements(), 10));
    tenth_asks_nothing(|| {
        assert_eq!(ready.forward(some.clone()).num_elements(), 50);
        assert_eq!(ready.forward(one.clone()).num_elements(), 10);
    });
}
