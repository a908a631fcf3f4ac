//! A weight that is not there.
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] {
        #[init(weight = ones)]
        norm: InstanceNorm2d<_>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
