//! A stride is at least 1.
use fusion::prelude::*;

model! {
    pub Net: [6, 32, 32] {
        conv: Conv2d<_, 8, 3, stride = 0>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
