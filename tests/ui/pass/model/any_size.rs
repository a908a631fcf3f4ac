//! Sizes of the input that may be anything.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub PerToken<F: Dim>: [L, F] -> [L, F] {
        _ + { up: Linear<_, 32>, Relu, down: Linear<_, F> },
    }
}

// What is not generic otherwise is so in this.
model! { pub Pixels: [3, H, W] { Relu, Sigmoid } }

model! { pub Net: [7, 8] -> [10] { blocks: 2 * PerToken<8>, Flatten, Linear<_, 10> } }

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = PerToken::<dim!(8)>::init(rng);
    let _: Tensor<shape![5, 7, 8]> = net.forward(Tensor::<shape![5, 7, 8]>::ones());
    let _: Tensor<shape![5, 9, 8]> = net.forward(Tensor::<shape![5, 9, 8]>::ones());
    assert_eq!(net.summary([7, 8]).multiply_adds(), 2 * 7 * 8 * 32);
    let _: Tensor<shape![5, 3, 4, 6]> = Pixels::init(rng).forward(Tensor::<shape![5, 3, 4, 6]>::ones());
    let net = Net::init(rng);
    let _: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 7, 8]>::ones());
    assert_eq!(net.summary().multiply_adds(), 2 * (2 * 7 * 8 * 32) + 56 * 10);
}
