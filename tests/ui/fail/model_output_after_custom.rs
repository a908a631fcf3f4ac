//! The output is known to const evaluation only, and differs from the one stated.
use fusion::prelude::*;

const CLASSES: usize = 10;

model! {
    Net: [784] -> [CLASSES] { fc1: Linear<_, 128>, Relu, fc2: Linear<_, 12> }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
}
