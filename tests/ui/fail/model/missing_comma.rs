//! A comma is missing between two layers.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<_, 128> Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
}
