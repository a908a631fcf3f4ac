//! An image with its channels at the end, in front of a `_`.
use fusion::prelude::*;

model! {
    pub Net: [28, 28, 3] {
        conv: Conv2d<_, 8, 5>, Relu,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
