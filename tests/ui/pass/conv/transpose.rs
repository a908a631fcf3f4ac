//! Convolutions that enlarge.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Up: [8, 5, 5] -> [3, 21, 21] {
        ConvTranspose2d<_, 4, 2, stride = 2>, Relu,
        ConvTranspose2d<_, 4, 3, stride = 2, padding = 1, output_padding = 1, groups = 2>,
        ConvTranspose2d<_, 3, 2, bias = false>,
    }
}

#[test]
fn main() {
    let net = Up::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![2, 3, 21, 21]> = net.forward(Tensor::<shape![2, 8, 5, 5]>::ones());
    assert_eq!(net.names(), ["0.weight", "0.bias", "2.weight", "2.bias", "3.weight"]);
}
