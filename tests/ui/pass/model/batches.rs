//! A model takes a batch of any size, also one that the run decides, and trains.
#![deny(warnings)]

use fusion::prelude::*;

model! { pub Net: [1, 8, 8] -> [3] { Conv2d<_, 4, 3>, BatchNorm2d<_>, Relu, Flatten, fc: Linear<_, 3> } }

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let mut net = Net::init(rng);
    let mut opt = Adam::new(1e-2);
    let x = Tensor::<shape![6, 1, 8, 8]>::normal(0.0, 1.0, rng);
    let labels: Tensor<(Dyn,), i64> = vec![0, 1, 2, 0, 1, 2].into();
    let x: Tensor<shape![Dyn, 1, 8, 8]> = x.to_dynamic();
    let mut losses = Vec::new();
    for _ in 0..10 {
        let loss = net.forward(x.trace()).cross_entropy(&labels);
        losses.push(loss.item());
        opt.step(&mut net, loss.backward());
    }
    assert!(losses[9] < losses[0] / 2.0, "{losses:?}");
    let _: Tensor<shape![1, 3]> = net.forward(Tensor::<shape![1, 1, 8, 8]>::ones());
}
