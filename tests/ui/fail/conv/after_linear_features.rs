//! A forgotten Flatten.
use fusion::prelude::*;

model! {
    pub Net: [1, 28, 28] -> [10] {
        conv: Conv2d<_, 8, 3>, Relu,
        fc: Linear<5408, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 1, 28, 28]>::zeros());
    let _ = (y, net.summary());
}
