//! A residual whose block strides.
use fusion::prelude::*;

model! {
    pub Net: [16, 32, 32] -> [10] {
        _ + { conv1: Conv2d<_, 32, 3, stride = 2, padding = 1>, bn1: BatchNorm2d<_> }, Relu,
        GlobalAvgPool2d,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 16, 32, 32]>::zeros());
    let _ = (y, net.summary());
}
