//! Nothing to run.
use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
pub struct Net {
    #[module(default = 0.1)]
    eps: f64,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
