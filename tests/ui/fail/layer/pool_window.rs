//! A pool that is larger than its input.
use fusion::prelude::*;

model! {
    pub Net: [6, 3, 3] {
        AvgPool2d<4>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
