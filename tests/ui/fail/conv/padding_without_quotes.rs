//! The word stands in quotes.
use fusion::prelude::*;

model! {
    pub Net: [3, 32, 32] {
        conv: Conv2d<_, 8, 3, padding = same>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
