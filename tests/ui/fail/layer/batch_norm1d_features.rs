//! Another number of features than flows in.
use fusion::prelude::*;

model! {
    pub Net: [3] -> [3] {
        norm: BatchNorm1d<4>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
