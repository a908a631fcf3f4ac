//! A layer behind all outputs.
use fusion::prelude::*;

model! {
    pub Net: [32] -> { a: [16], b: [8] } {
        a: Linear<_, 16>,
        b: Linear<_, 8>,
        Relu,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
