//! A bias is there or not.
use fusion::prelude::*;

model! {
    pub Net: [6, 32, 32] {
        conv: Conv2d<_, 8, 3, bias = 0>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
