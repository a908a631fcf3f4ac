//! A size that is computed from a constant, and is below zero.
use fusion::prelude::*;

const HIDDEN: usize = 64;

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<_, HIDDEN / 4 - 30>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
