//! A number where a truth value stands.
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] {
        norm: InstanceNorm2d<_, affine = 3>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
