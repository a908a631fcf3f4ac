//! A layer that Fusion does not have, with a `_`.
use fusion::prelude::*;

model! {
    pub Net: [16, 8] -> [16, 8] {
        cell: Lstm<_, 8>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
