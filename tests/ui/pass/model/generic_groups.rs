//! Groups in generic models, with sizes that follow from others.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Tower<C: Dim, A>: [C, H, W] -> [C] {
        stem: { conv: Conv2d<_, 16, 3, stride = 2>, bn: BatchNorm2d<_>, Relu },
        body: _ + { Conv2d<_, 16, 3, padding = 1>, Relu },
        more: 2 * { conv: Conv2d<_, 16, 3, padding = 1>, Relu },
        GlobalAvgPool2d,
        head: { Linear<_, C> },
        act: A -> [C],
    }
}

#[test]
fn main() {
    let net = Tower::<dim!(3), Tanh>::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![2, 3]> = net.forward(Tensor::<shape![2, 3, 11, 17]>::ones());
    let stem: Tensor<shape![2, 16, 5, 8]> = net.stem.forward(Tensor::<shape![2, 3, 11, 17]>::ones());
    let body: Tensor<shape![2, 16, 5, 8]> = net.body.forward(stem);
    let _: Tensor<shape![2, 16, 5, 8]> = net.more[1].forward(body);
    assert_eq!(net.names()[7], "body.0.weight");
}
