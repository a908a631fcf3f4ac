//! A key of a field above the struct.
use fusion::prelude::*;

#[derive(Module)]
#[module(skip)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
