//! A key twice.
use fusion::prelude::*;

#[derive(Module)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    #[module(default = 0.1)]
    #[module(default = 0.2)]
    eps: f64,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
