//! What a network costs is a constant: with layers of one's own that say it, repeated, in branches and in groups.
#![deny(warnings)]

use fusion::nn::{Cost, cost};
use fusion::prelude::*;

fn double<S: Shape>(x: Tensor<S>) -> Tensor<S> {
    x * 2.0
}

model! { pub Basic<C: Dim>: [C, H, W] -> [C, H, W] { _ + { Conv2d<_, C, 3, padding = 1>, BatchNorm2d<_>, Relu } } }
model! {
    pub Down<I: Dim, O: Dim, S: Dim>: [I, H, W] { conv: Conv2d<_, O, 3, stride = S, padding = 1>, BatchNorm2d<_> }
}
model! {
    pub Net: [3, 16, 16] -> [10] {
        Down<3, 8, 2>, 3 * Basic<8>,
        double,
        stem: { _ | Conv2d<8, 4, 1>, 2 * { Conv2d<_, 12, 1, groups = 3>, Relu } },
        ConvTranspose2d<_, 5, 2, 2>,
        Flatten,
        fc: Linear<_, 10>,
    }
}

/// A layer that does not say what it costs.
#[derive(Module)]
pub struct Silent;

impl<S: Shape> Forward<Tensor<S>> for Silent {
    type Output = Tensor<S>;
    fn forward(&self, x: Tensor<S>) -> Tensor<S> {
        x
    }
}

model! { pub Quiet: [3] { Linear<_, 4>, Silent, Linear<_, 5> } }

const COST: Cost = cost::<Net, Tensor<shape![1, 3, 16, 16]>>();
const _: () = assert!(COST.output.d[1].is_number(10));

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    assert_eq!(COST.parameters, Some(net.num_parameters()));
    assert_eq!(COST.multiply_adds, Some(net.summary().multiply_adds()));
    assert_eq!(net.multiply_adds(&[2, 3, 16, 16]), COST.multiply_adds.map(|n| 2 * n));

    const QUIET: Cost = cost::<Quiet, Tensor<shape![1, 3]>>();
    assert_eq!((QUIET.parameters, QUIET.output.d[1].number()), (None, Some(5)));
    const BLOCK: Cost = cost::<Basic<dim!(4)>, Tensor<shape![Dyn, 4, 9, 7]>>();
    assert_eq!(BLOCK.activations, Some(3 * 4 * 9 * 7));
}
