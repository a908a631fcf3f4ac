//! The batch in the head, as `_`.
use fusion::prelude::*;

model! {
    pub Net: [_, 784] -> [_, 10] {
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
