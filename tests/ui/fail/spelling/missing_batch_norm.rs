//! A norm of volumes.
use fusion::prelude::*;

model! {
    pub Net: [100] -> [10] {
        fc1: Linear<_, 64>,
        bn: BatchNorm3d<64>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
