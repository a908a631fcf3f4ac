//! A layer that makes more elements than a tensor can have.
use fusion::prelude::*;

model! {
    pub Net: [9, 99_999_999, 9] {
        Linear<_, 99_999_999>, up: Upsample<9>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
