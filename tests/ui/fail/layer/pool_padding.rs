//! A pool is not padded by more than half its window.
use fusion::prelude::*;

model! {
    pub Net: [6, 32, 32] {
        MaxPool2d<3, padding = 2>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
