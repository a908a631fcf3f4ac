//! A layer that does not exist.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<_, 128>,
        Swoosh<128>,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
    let _ = (y, net.summary());
}
