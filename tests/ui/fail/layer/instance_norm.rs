//! An instance norm of other channels.
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] {
        norm: InstanceNorm2d<4>, Relu,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
