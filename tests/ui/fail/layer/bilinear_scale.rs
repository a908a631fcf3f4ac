//! A scale of nothing.
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] {
        up: UpsamplingBilinear2d<0>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
