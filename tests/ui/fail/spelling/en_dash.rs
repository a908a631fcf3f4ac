//! A dash that is none, of which rustc speaks first.
// mistakes: 2
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        fc–1: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
