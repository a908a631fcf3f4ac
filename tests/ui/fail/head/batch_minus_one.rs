//! The batch in the head, as `-1`.
use fusion::prelude::*;

model! {
    pub Net: [-1, 784] -> [-1, 10] {
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
