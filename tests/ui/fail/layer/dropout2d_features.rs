//! Channels of what has none.
use fusion::prelude::*;

model! {
    pub Net: [64] {
        fc: Linear<_, 32>, Dropout2d<0.1>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
