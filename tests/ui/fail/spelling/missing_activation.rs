//! An activation that is not there.
use fusion::prelude::*;

model! {
    pub Net: [100] -> [10] {
        fc: Linear<_, 10>, RReLU,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
