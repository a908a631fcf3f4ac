//! A perceptron on images like MNIST's and a convolutional net on images like CIFAR's learn as in PyTorch, step by step;
//! `goldens/curves.py` describes the runs.

use crate::golden::{json, numbers};
use crate::learning::Lcg;
use fusion::prelude::*;

const STEPS: usize = 200;
const IMAGES: usize = 320;
/// How far the loss of a step may be from PyTorch's, relative to it where it is larger than 0.1.
const MOST: f64 = 1e-3;

model! {
    Perceptron: [1, 28, 28] -> [10] {
        Flatten, fc1: Linear<_, 128>, Relu, fc2: Linear<_, 64>, Relu, fc3: Linear<_, 10>,
    }
}

model! {
    Convolutional: [3, 32, 32] -> [10] {
        conv1: Conv2d<_, 8, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu, MaxPool2d<2>,
        conv2: Conv2d<_, 16, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>, Relu, MaxPool2d<2>,
        conv3: Conv2d<_, 32, 3, padding = 1, bias = false>, bn3: BatchNorm2d<_>, Relu,
        GlobalAvgPool2d,
        fc: Linear<_, 10>,
    }
}

/// Starts a layer: `inputs` go into each of its outputs.
macro_rules! start {
    ($net:ident, $rng:ident: $($layer:ident $inputs:expr),*) => { $(
        $net.$layer.weight = $rng.parameter(&$net.$layer.weight, $inputs);
        $net.$layer.bias = $net.$layer.bias.as_ref().map(|bias| $rng.parameter(bias, $inputs));
    )* };
}

/// Stripes and noise.
fn images<C: Nat, N: Nat>() -> Images<C, N> {
    let (mut rng, mut pixels) = (Lcg(7), Vec::new());
    for image in 0..IMAGES as u64 {
        let (class, shift) = (image % 10, rng.below(4));
        let (a, b) = (1 + class % 5, 1 + 3 * (class / 5));
        for channel in 0..C::N as u64 {
            for row in 0..N::N as u64 {
                for column in 0..N::N as u64 {
                    let stripe = (a * column + b * row + 5 * channel + shift) % 16 * 8;
                    pixels.push((stripe + rng.below(128)) as f32 / 256.0 - 0.5);
                }
            }
        }
    }
    let x = Tensor::from_vec_sized(pixels, &[IMAGES, C::N, N::N, N::N]).expect("as many");
    let y = Tensor::from((0..IMAGES as i64).map(|image| image % 10).collect::<Vec<_>>());
    Dataset::new(x, y).expect("as many")
}

type Images<C, N> = Dataset<Tensor<(Dyn, C, N, N)>, Tensor<(Dyn,), i64>>;

/// The loss of each step, before the step.
fn curve<C: Nat, N: Nat, M>(mut net: M, mut opt: impl Optimizer, batch: usize) -> Vec<f64>
where
    M: Module + Forward<Tensor<(Dyn, C, N, N)>, Output = Tensor<shape![Dyn, 10]>>,
{
    let data = images::<C, N>();
    let step = |t| {
        let rows: Vec<usize> = (0..batch).map(|k| (1009 * (batch * t + k) + 5) % IMAGES).collect();
        let batch = data.select(&rows);
        let loss = net.forward(batch.x.trace()).cross_entropy(&batch.y);
        let found = f64::from(loss.item());
        opt.step(&mut net, loss.backward());
        found
    };
    (0..STEPS).map(step).collect()
}

fn run(name: &str) -> Vec<f64> {
    let (mut any, mut rng) = (StdRng::seed_from_u64(0), Lcg(42));
    match name {
        "mlp" => {
            let mut net = Perceptron::init(&mut any);
            start!(net, rng: fc1 784, fc2 128, fc3 64);
            curve::<dim!(1), dim!(28), _>(net, Adam::new(1e-3), 32)
        }
        "conv" => {
            let mut net = Convolutional::init(&mut any);
            start!(net, rng: conv1 27, conv2 72, conv3 144, fc 32);
            curve::<dim!(3), dim!(32), _>(net, Sgd::new(0.02).momentum(0.9), 16)
        }
        other => panic!("{other} is new"),
    }
}

#[test]
fn curves_follow_pytorchs() {
    for golden in json("curves.json")["runs"].as_array().expect("runs") {
        let name = golden["net"].as_str().expect("a name");
        let (found, want): (_, Vec<f64>) = (run(name), numbers(&golden["losses"]));
        assert_eq!((found.len(), want.len()), (STEPS, STEPS));
        let off: Vec<f64> = found.iter().zip(&want).map(|(found, want)| (found - want).abs() / want.max(0.1)).collect();
        println!("{name}: off by {:e}", off.iter().copied().fold(0.0, f64::max));
        // NaN is never within.
        if let Some(step) = off.iter().position(|off| off.partial_cmp(&MOST).is_none_or(|order| order.is_gt())) {
            panic!("{name}: in step {step} the loss is {} instead of {}", found[step], want[step]);
        }
    }
}
