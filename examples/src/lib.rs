//! The examples are the programs beside this crate: `cargo run --release --example digits`.
//! Here is what several share: the workloads of the benchmark program and the benches, and data sets in files.

mod folder;

pub use folder::{Folder, Images};

use fusion::prelude::*;
use std::hint::black_box;

model! {
    /// The tiny network of micrograd's demo.
    pub Tiny: [2] -> [1] { fc1: Linear<_, 16>, Relu, fc2: Linear<_, 16>, Relu, fc3: Linear<_, 1> }
}

model! {
    /// A classic for MNIST.
    pub Mlp: [784] -> [10] { fc1: Linear<_, 128>, Relu, fc2: Linear<_, 64>, Relu, fc3: Linear<_, 10> }
}

/// One call of the workload `name`: `w2_train`, `w3_train` or `w3_infer1`.
pub fn workload(name: &str) -> Option<Box<dyn FnMut()>> {
    let mut rng = StdRng::seed_from_u64(7);
    Some(match name {
        "w2_train" => {
            let x = Tensor::<shape![100, 2]>::normal(0.0, 1.0, &mut rng);
            let y = Tensor::<shape![100, 1]>::from_fn(|i| (i % 2) as f32);
            let (mut net, mut opt) = (Tiny::init(&mut rng), Sgd::new(0.1));
            Box::new(move || {
                let loss = net.forward(x.trace()).bce_with_logits(&y);
                opt.step(&mut net, loss.backward());
            })
        }
        "w3_train" => {
            let x = Tensor::<shape![64, 784]>::normal(0.0, 1.0, &mut rng);
            let y = Tensor::<shape![64], i64>::from_fn(|i| (i as i64 * 7) % 10);
            let (mut net, mut opt) = (Mlp::init(&mut rng), Adam::new(1e-3));
            Box::new(move || {
                let loss = net.forward(x.trace()).cross_entropy(&y);
                opt.step(&mut net, loss.backward());
            })
        }
        "w3_infer1" => {
            let x = Tensor::<shape![1, 784]>::normal(0.0, 1.0, &mut rng);
            let net = Mlp::init(&mut rng);
            Box::new(move || {
                black_box(net.forward(x.clone()));
            })
        }
        _ => return None,
    })
}
