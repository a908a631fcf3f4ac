//! An output that is named twice.
use fusion::prelude::*;

model! {
    pub Net: [32] -> { a: [16], a: [16] } {
        a: Linear<_, 16>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
