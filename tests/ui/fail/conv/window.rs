//! A window that is larger than its input.
use fusion::prelude::*;

model! {
    pub Net: [3, 32, 32] -> [10] {
        conv1: Conv2d<_, 32, 3>, MaxPool2d<4>,
        conv2: Conv2d<_, 64, 9>, Relu,
        Flatten,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 3, 32, 32]>::zeros());
    let _ = (y, net.summary());
}
