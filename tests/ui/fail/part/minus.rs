//! A difference of branches.
use fusion::prelude::*;

model! {
    pub Net: [3, 64, 64] {
        _ - { Conv2d<_, 3, 1> },
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
