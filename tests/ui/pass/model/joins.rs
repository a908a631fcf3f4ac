//! Branches side by side: an inception block, dense blocks, a U.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Inception: [16, 9, 9] -> [32, 9, 9] {
        { a: Conv2d<_, 8, 1>, Relu }
            | { b1: Conv2d<_, 4, 1>, Relu, b2: Conv2d<_, 8, 3, padding = 1>, Relu }
            | { c1: Conv2d<_, 4, 1>, Relu, c2: Conv2d<_, 8, 5, padding = 2>, Relu }
            | { MaxPool2d<3, stride = 1, padding = 1>, d: Conv2d<_, 8, 1>, Relu },
    }
}
model! {
    pub Dense: [6, 5, 5] -> [18, 5, 5] {
        _ | Conv2d<6, 4, 3, padding = 1>,
        _ | { Relu, Conv2d<_, 4, 3, padding = 1> },
        _ | { Relu, last: Conv2d<_, 4, 3, padding = 1> },
    }
}
model! {
    pub UNet: [1, 16, 16] -> [2, 16, 16] {
        Conv2d<_, 4, 3, padding = 1>, Relu,
        _ | {
            MaxPool2d<2>, Conv2d<_, 8, 3, padding = 1>, Relu,
            _ | { MaxPool2d<2>, Conv2d<_, 16, 3, padding = 1>, Relu, ConvTranspose2d<_, 8, 2, stride = 2> },
            Conv2d<_, 8, 3, padding = 1>, Relu,
            Upsample<2>,
        },
        Conv2d<_, 2, 1>,
    }
}
model! {
    pub Mixed: [4, 3, 3] -> [12, 3, 3] {
        _ + { x: Conv2d<_, 4, 1> } | { y: Conv2d<_, 8, 1> } + Conv2d<4, 8, 1>,
    }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let inception = Inception::init(rng);
    let _: Tensor<shape![2, 32, 9, 9]> = inception.forward(Tensor::<shape![2, 16, 9, 9]>::ones());
    assert!(inception.names().contains(&"c2.weight".into()));
    let _: Tensor<shape![2, 18, 5, 5]> = Dense::init(rng).forward(Tensor::<shape![2, 6, 5, 5]>::ones());
    let _: Tensor<shape![2, 2, 16, 16]> = UNet::init(rng).forward(Tensor::<shape![2, 1, 16, 16]>::ones());
    let _: Tensor<shape![2, 12, 3, 3]> = Mixed::init(rng).forward(Tensor::<shape![2, 4, 3, 3]>::ones());
}
