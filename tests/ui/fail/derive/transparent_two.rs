//! Two layers cannot both have the names.
use fusion::prelude::*;

#[derive(Module)]
#[module(transparent)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    #[module(default = 0.1)]
    eps: f64,
    fc2: Linear<dim!(3), dim!(3)>,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
