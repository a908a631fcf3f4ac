//! Groups that do not divide the channels.
use fusion::prelude::*;

model! {
    pub Net: [6, 8, 8] -> [6, 8, 8] {
        norm: GroupNorm<_, 4>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
