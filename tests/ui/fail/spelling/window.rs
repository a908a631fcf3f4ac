//! A window of two sizes.
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] -> [8, 6, 8] {
        nn.Conv2d(3, 8, (3, 1)),
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
