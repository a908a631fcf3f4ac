//! The branches of a sum have one shape.
use fusion::prelude::*;

model! {
    pub Net: [64] -> [10] {
        fc1: Linear<_, 32>, Relu,
        _ + { fc2: Linear<_, 16>, Relu, fc3: Linear<_, 16> },
        fc4: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 64]>::zeros());
    let _ = (y, net.summary(), &net.fc2.weight);
}
