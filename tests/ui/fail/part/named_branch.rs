//! A branch with a name, and without braces.
use fusion::prelude::*;

model! {
    pub Net: [8] -> [16] {
        _ + fc1: Linear<_, 8>,
        fc2: Linear<_, 16>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
