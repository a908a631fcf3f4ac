//! A convolution behind a Flatten.
use fusion::prelude::*;

model! {
    pub Net: [1, 28, 28] {
        Flatten,
        conv: Conv2d<_, 8, 3>, Relu,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
