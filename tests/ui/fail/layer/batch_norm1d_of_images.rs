//! Batch norm of signals that is given images.
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] -> [3, 8, 8] {
        norm: BatchNorm1d<_>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
