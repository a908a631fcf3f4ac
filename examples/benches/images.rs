//! The workloads of image networks, with the shapes, losses and optimizers of the peers' programs.

use crate::{Measure, Unit};
use fusion::models::{AlexNet, ResNet18, ResNet20, YoloFace500k, YoloV3};
use fusion::prelude::*;
use std::hint::black_box;

model! {
    /// LeNet as in PyTorch's `mnist` example.
    pub LeNet: [1, 28, 28] -> [10] {
        conv1: Conv2d<_, 32, 3>, Relu,
        conv2: Conv2d<_, 64, 3>, Relu,
        MaxPool2d<2>,
        Flatten,
        fc1: Linear<_, 128>, Relu,
        fc2: Linear<_, 10>,
    }
}

/// A step of training of `$Net` on a batch of images of so many classes.
macro_rules! train {
    ($rng:ident, $Net:ident, $batch:tt x [$($size:tt),*], $classes:literal, $opt:expr) => {{
        let x = Tensor::<shape![$batch, $($size),*]>::normal(0.0, 1.0, $rng);
        let y = Tensor::<shape![$batch], i64>::from_fn(|i| (i as i64 * 7) % $classes);
        let (mut net, mut opt) = ($Net::init($rng), $opt);
        Measure::new("step_ms", Unit::Milliseconds, move || {
            let loss = net.forward(x.trace()).cross_entropy(&y);
            opt.step(&mut net, loss.backward());
        })
    }};
}

/// `$Net`, made ready to run, on a batch of images.
macro_rules! infer {
    ($rng:ident, $Net:ty, $($size:tt),*) => {{
        let x = Tensor::<shape![$($size),*]>::normal(0.0, 1.0, $rng);
        let net = <$Net as Init>::init($rng).prepare();
        Measure::new("latency_ms", Unit::Milliseconds, move || {
            black_box(net.forward(x.clone()));
        })
    }};
}

/// The measures of a workload; none if there is no such.
pub fn workload(name: &str, rng: &mut StdRng) -> Vec<Measure> {
    match name {
        "w4_train" => train!(rng, LeNet, 64 x [1, 28, 28], 10, Adam::new(1e-3)),
        "w5_train" => train!(rng, ResNet20, 128 x [3, 32, 32], 10, Sgd::new(0.1).momentum(0.9).weight_decay(1e-4)),
        "w5_infer1" => infer!(rng, ResNet20, 1, 3, 32, 32),
        "w5_infer128" => infer!(rng, ResNet20, 128, 3, 32, 32),
        "w6_infer1" => infer!(rng, ResNet18, 1, 3, 224, 224),
        "w6_infer8" => infer!(rng, ResNet18, 8, 3, 224, 224),
        "w7_infer1" => infer!(rng, AlexNet, 1, 3, 224, 224),
        "w7_train16" => train!(rng, AlexNet, 16 x [3, 224, 224], 1000, Sgd::new(0.01).momentum(0.9)),
        "w8_infer1" => infer!(rng, YoloV3<dim!(1)>, 1, 3, 416, 416),
        "w8_face1" => infer!(rng, YoloFace500k, 1, 3, 256, 320),
        _ => Vec::new(),
    }
}
