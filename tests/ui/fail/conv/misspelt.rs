//! A layer with a slip.
// mistakes: 2
use fusion::prelude::*;

model! {
    pub Net: [3, 32, 32] {
        conv1: Conv2D<_, 16, 3>, Relu,
        bn1: Batchnorm2d<_>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
