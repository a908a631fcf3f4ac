//! A layer whose result is left.
use fusion::prelude::*;

model! {
    pub Net: [8] -> [8] { stem: Linear<_, 8>, lost: Linear<_, 4>, @stem, Linear<_, 8> }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
