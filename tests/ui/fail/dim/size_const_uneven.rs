//! A division of a constant that does not come out even.
use fusion::prelude::*;

const WIDTH: usize = 784;

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<_, WIDTH / 3>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
