//! A residual that fits no size is a mistake where it is declared.
use fusion::prelude::*;

model! {
    pub Basic<C: Dim>: [C, H, W] -> [C, H, W] {
        _ + {
            conv1: Conv2d<_, C, 3, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, C, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>,
        },
        Relu,
    }
}
model! {
    pub Net: [3, 32, 32] -> [10] {
        stem: Conv2d<_, 16, 3, padding = 1>, Relu,
        layer1: 2 * Basic<16>,
        GlobalAvgPool2d,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 3, 32, 32]>::zeros());
    let _ = (y, net.summary());
}
