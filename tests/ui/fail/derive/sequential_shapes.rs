//! The layers of a `sequential` struct do not fit: told where it is used.
use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
pub struct Net {
    fc1: Linear<dim!(3), dim!(4)>,
    fc2: Linear<dim!(5), dim!(2)>,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(Tensor::<shape![5, 3]>::zeros());
}
