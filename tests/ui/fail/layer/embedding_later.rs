//! Whole numbers go into an embedding alone.
use fusion::prelude::*;

model! {
    pub Net: [10] {
        { Embedding<100, 16> } + { Linear<_, 16> },
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
