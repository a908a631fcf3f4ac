//! A layer that does not give what is stated behind it.
use fusion::prelude::*;

model! {
    pub Net: [32] -> [10] {
        fc1: Linear<_, 64> -> [63],
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 32]>::zeros());
    let _ = (y, net.summary());
}
