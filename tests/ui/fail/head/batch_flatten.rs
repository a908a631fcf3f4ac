//! The batch in the head, in front of a `Flatten`.
use fusion::prelude::*;

model! {
    pub Net: [32, 1, 28, 28] -> [32, 10] {
        Flatten,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
