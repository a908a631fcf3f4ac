//! Outputs without their names.
use fusion::prelude::*;

model! {
    pub Net: [32] -> { [16], [8] } {
        a: Linear<_, 16>,
        b: Linear<_, 8>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
