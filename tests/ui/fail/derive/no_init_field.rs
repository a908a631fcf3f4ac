//! A field does not say how it starts: its type is made by hand.
use fusion::prelude::*;

#[derive(Module)]
#[module(no_init)]
pub struct Deep {
    layers: Vec<Linear<dim!(3), dim!(3)>>,
}

#[derive(Module)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    deep: Deep,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
