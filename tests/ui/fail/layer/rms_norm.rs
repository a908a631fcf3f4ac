//! A norm of other features.
use fusion::prelude::*;

model! {
    pub Net: [10, 32] {
        norm: RmsNorm<33>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
