//! A window with more sizes than an image has axes, and a pair where one size goes.
// mistakes: 2
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] -> [10] {
        conv1: Conv2d<3, 16, (3, 3, 3)>, Relu,
        Conv2d<16, 16, (3, 3), padding = (1, 1), groups = (1, 1)>,
        Flatten,
        fc: Linear<1024, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 3, 8, 8]>::zeros());
    let _ = (y, net.summary());
}
