//! A batch norm of other channels.
use fusion::prelude::*;

model! {
    pub Net: [3, 32, 32] {
        conv1: Conv2d<_, 16, 3>,
        bn1: BatchNorm2d<32>, Relu,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 16, 30, 30]> = net.forward(Tensor::<shape![5, 3, 32, 32]>::zeros());
    let _ = (y, net.summary());
}
