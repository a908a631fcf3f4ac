//! A misspelt key on the struct.
use fusion::prelude::*;

#[derive(Module)]
#[module(sequental)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    act: Relu,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
