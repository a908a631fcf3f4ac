//! Sizes in the order of other libraries, once for each layer.
// mistakes: 2
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<128, 784>, Relu,
        fc2: Linear<10, 128>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
