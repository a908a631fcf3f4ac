//! A window that is too wide, of a layer whose height fits.
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 4] -> [16, 8, 4] {
        conv: Conv2d<_, 16, (1, 7), padding = (0, 1)>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
