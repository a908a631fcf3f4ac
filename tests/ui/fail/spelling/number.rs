//! A name that is a number.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        1: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
