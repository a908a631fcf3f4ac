//! A layer that makes more elements than a tensor can have.
use fusion::prelude::*;

model! {
    pub Net: [9, 9999, 9] {
        Linear<_, 9999>, up: Upsample<99999>, Relu,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
