//! An option does not say what it starts with.
use fusion::prelude::*;

#[derive(Module)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    head: Option<Linear<dim!(3), dim!(3)>>,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
