//! An output that is no layer.
use fusion::prelude::*;

model! {
    pub Net: [32] -> { smal: [16], large: [8] } {
        small: Linear<_, 16>, Relu,
        large: Linear<_, 8>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
