//! A field that borrows its layer.
use fusion::prelude::*;

#[derive(Module)]
pub struct Net {
    fc: &'static Linear<dim!(3), dim!(3)>,
    act: Relu,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
