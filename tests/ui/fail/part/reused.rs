//! Layers that are used again, by their names.
use fusion::prelude::*;

model! {
    pub Net: [8] -> [8] {
        fc1: Linear<_, 8>,
        fc2: Linear<_, 8>,
        fc1 + fc2,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
