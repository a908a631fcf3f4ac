//! An image with its channels at the end.
use fusion::prelude::*;

model! {
    pub Net: [28, 28, 1] -> [10] {
        conv: Conv2d<1, 8, 3>, Relu,
        Flatten,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
