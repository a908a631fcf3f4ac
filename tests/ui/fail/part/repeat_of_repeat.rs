//! A repeat of a repeat.
use fusion::prelude::*;

model! {
    pub Net: [8] -> [8] {
        2 * { 3 * { Linear<_, 8> } },
        2 * 3 * Linear<8, 8>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
