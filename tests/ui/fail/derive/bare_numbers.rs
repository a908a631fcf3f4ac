//! Numbers for sizes outside of a model: what rustc says of them, and the way out.
// mistakes: 2
use fusion::prelude::*;

#[derive(Module)]
pub struct Net {
    fc: Linear<784, 10, false>,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
