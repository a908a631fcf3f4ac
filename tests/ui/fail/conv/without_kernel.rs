//! A convolution without its window.
use fusion::prelude::*;

model! {
    pub Net: [6, 32, 32] {
        conv: Conv2d<_, 8>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
