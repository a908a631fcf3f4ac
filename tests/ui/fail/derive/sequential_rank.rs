//! Layers one after another of which one takes images, and is given features.
use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
pub struct Net {
    pool: AvgPool2d<dim!(2)>,
    flat: Flatten,
    fc: Linear<dim!(64), dim!(32)>,
    conv: Conv2d<dim!(1), dim!(8), dim!(3)>,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
