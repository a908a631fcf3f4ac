//! Joins in generic models.
#![deny(warnings)]

use fusion::prelude::*;

model! { pub Grow<C: Dim, G: Dim>: [C, H, W] { _ | { norm: BatchNorm2d<_>, Relu, conv: Conv2d<_, G, 3, padding = 1> } } }
model! { pub Wide<C: Dim>: [C, 4, 4] -> [48, 4, 4] { { a: Conv2d<_, 16, 1> } | { b: Conv2d<_, 32, 1> } } }
model! {
    pub Net: [8, 6, 6] -> [24, 6, 6] { Grow<8, 4>, Grow<12, 12>, _ + { Grow<24, 2>, Conv2d<_, 24, 1> } }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let grow = Grow::<dim!(3), dim!(5)>::init(rng);
    let _: Tensor<shape![2, 8, 7, 9]> = grow.forward(Tensor::<shape![2, 3, 7, 9]>::ones());
    let _: Tensor<shape![2, 48, 4, 4]> = Wide::<dim!(3)>::init(rng).forward(Tensor::<shape![2, 3, 4, 4]>::ones());
    let _: Tensor<shape![2, 24, 6, 6]> = Net::init(rng).forward(Tensor::<shape![2, 8, 6, 6]>::ones());
}
