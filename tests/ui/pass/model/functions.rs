//! Functions of tensors as steps.
#![deny(warnings)]

use fusion::prelude::*;

mod my {
    use fusion::prelude::*;

    pub fn double<S: Shape>(x: Tensor<S>) -> Tensor<S> {
        x * 2.0
    }

    pub fn row<B: Dim>(x: Tensor<(B, Num<16>)>) -> Tensor<(B, Num<1>, Num<16>)> {
        x.unsqueeze(Axis::<1>)
    }
}

model! {
    pub Net: [8] -> [10] {
        Linear<_, 16>,
        my::double,
        my::row,
        Flatten,
        fc: Linear<_, 10>,
    }
}

model! {
    pub Generic<C: Dim>: [C] -> [10] { Linear<_, 16>, my::double -> [16], fc: Linear<_, 10> }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Net::init(rng);
    let _: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 8]>::ones());
    assert_eq!(net.names(), ["0.weight", "0.bias", "fc.weight", "fc.bias"]);
    let net = Generic::<dim!(8)>::init(rng);
    let _: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 8]>::ones());
}
