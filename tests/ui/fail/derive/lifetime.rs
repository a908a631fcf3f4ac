//! A module owns its layers.
use fusion::prelude::*;

#[derive(Module)]
pub struct Net<'a> {
    fc: Linear<dim!(3), dim!(3)>,
    #[module(skip, default = "net")]
    name: &'a str,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
