//! Models with parameters: dimensions, constants up to 999, and layers.
#![deny(warnings)]

use fusion::dim::Num;
use fusion::prelude::*;

model! {
    /// Any number of features and of hidden units.
    pub Mlp<I: Dim, H: Dim = dim!(16)>: [I] -> [10] {
        fc1: Linear<_, H>, Relu,
        fc2: Linear<H, 10>,
    }
}

// After a layer of one's own the sizes are written.
model! {
    pub Wide<C: Dim, F: Dim>: [C] -> [4] {
        Relu,
        wide: Widen<C, F>, Relu,
        fc: Linear<F, 4>, Dropout<0.5>,
    }
}

// What depends on a generic size is a parameter of its own.
model! {
    pub Joined<C: Dim, F: Dim>: [C, 2, 3] -> [4] {
        Flatten,
        fc1: Linear<F, 8>, Relu,
        fc2: Linear<_, 4>,
    }
}

model! { pub Const<const H: usize>: [5] -> [2] { fc1: Linear<_, H>, Tanh, fc2: Linear<_, 2> } }

model! { pub With<A: Default>: [5] -> [2] { fc1: Linear<_, 2>, act: A } }

model! { pub Unused<C: Dim>: [5] { fc1: Linear<_, 2> } }

/// A linear layer by another name.
#[derive(Module)]
#[module(sequential)]
pub struct Widen<C: Dim, F: Dim> {
    fc: Linear<C, F>,
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Mlp::<dim!(3000), Num<7>>::init(rng);
    let _: Tensor<shape![4, 10]> = net.forward(Tensor::<shape![4, 3000]>::ones());
    assert_eq!(net.summary().rows()[0].layer, "Linear<3000, 7>");
    assert_eq!(net.multiply_adds(&[2, 3000]), Some(2 * (3000 * 7 + 7 * 10)));
    let net: Mlp<Num<3>> = Mlp::init(rng);
    assert_eq!(net.fc1.weight.shape(), [16, 3]);

    let net = Wide::<Num<3>, Num<5>>::init(rng);
    let _: Tensor<shape![1, 4]> = net.forward(Tensor::<shape![1, 3]>::ones());
    let summary = net.summary();
    assert_eq!(summary.rows()[1].output, [5]);
    assert_eq!((summary.rows()[3].layer.as_str(), &summary.rows()[3].output[..]), ("Linear<5, 4>", &[4][..]));
    let net = Joined::<Num<3>, Num<18>>::init(rng);
    let _: Tensor<shape![1, 4]> = net.forward(Tensor::<shape![1, 3, 2, 3]>::ones());
    assert_eq!(net.summary().rows()[0].output, [18]);

    let net = Const::<12>::init(rng);
    let _: Tensor<shape![1, 2]> = net.forward(Tensor::<shape![1, 5]>::ones());
    let net = With::<Relu>::init(rng);
    let _: Tensor<shape![1, 2]> = net.forward(Tensor::<shape![1, 5]>::ones());
    assert_eq!(net.summary().rows()[1].output, [2]);
    let net = Unused::<Num<3>>::init(rng);
    assert_eq!(net.names(), ["fc1.weight", "fc1.bias"]);
}
