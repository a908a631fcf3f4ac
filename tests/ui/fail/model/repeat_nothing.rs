//! A count without a layer.
use fusion::prelude::*;

model! {
    pub Net: [32] -> [10] {
        4,
        Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
