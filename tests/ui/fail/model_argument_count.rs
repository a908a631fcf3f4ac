//! Too few arguments, and too many: two mistakes.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<128>, Relu<128>,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let w: &Tensor<shape![128, 784]> = &net.fc1.weight;
    let _ = w;
}
