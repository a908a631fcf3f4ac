//! A field that is no module.
use fusion::prelude::*;

pub struct Config;

#[derive(Module)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    config: Config,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
