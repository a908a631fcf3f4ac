//! Channels that differ inside a generic block, named by the layer of the net.
use fusion::prelude::*;

model! {
    pub Block<C: Dim>: [C, 8, 8] -> [C, 8, 8] {
        _ + { conv: Conv2d<_, C, 3, padding = 1>, BatchNorm2d<_> }, Relu,
    }
}

model! {
    pub Net: [3, 8, 8] -> [10] {
        conv1: Conv2d<_, 16, 3, padding = 1>, Relu,
        layer1: 2 * Block<17>,
        GlobalAvgPool2d,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 3, 8, 8]>::zeros());
    let _ = (y, net.summary());
}
