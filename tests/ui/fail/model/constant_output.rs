//! The stated output is a constant, and not what comes out.
use fusion::prelude::*;

const CLASSES: usize = 10;

model! {
    pub Net: [784] -> [CLASSES] {
        fc1: Linear<_, 128>, Relu,
        fc2: Linear<_, 12>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
    let w: &Tensor<shape![128, 784]> = &net.fc1.weight;
    let _ = (y, w, net.summary());
}
