//! A field that is neither a tensor nor a module: two mistakes.
use fusion::prelude::*;

pub struct Config;

#[derive(Module)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    eps: f64,
    config: Config,
}

fn main() {
    let _ = Net::init(&mut StdRng::seed_from_u64(0));
}
