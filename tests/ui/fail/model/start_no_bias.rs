//! A bias that is not there.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        #[init(bias = zeros)]
        fc: Linear<_, 10, bias = false>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
