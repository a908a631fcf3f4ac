//! The channels of a convolution are its input's.
use fusion::prelude::*;

model! {
    pub Net: [3, 32, 32] -> [10] {
        conv1: Conv2d<_, 32, 3, padding = 1>, Relu,
        conv2: Conv2d<64, 64, 3, stride = 2>,
        Flatten,
        Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 3, 32, 32]>::zeros());
    let _ = (y, net.summary(), &net.conv2.weight);
}
