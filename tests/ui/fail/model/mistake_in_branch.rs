//! A mistake deep in braces.
use fusion::prelude::*;

model! {
    pub Net: [32] -> [10] {
        stem: { Linear<_, 64>, Relu },
        _ + { { fc1: Linear<_, 16>, Relu } | { fc2: Linear<63, 48> } },
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 32]>::zeros());
    let _ = (y, net.summary(), &net.fc2.weight);
}
