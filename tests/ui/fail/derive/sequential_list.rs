//! The layers of a list run one after another, and each gives something else than it takes.
use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
pub struct Net {
    layers: [Linear<dim!(3), dim!(4)>; 2],
    act: Relu,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(Tensor::<shape![5, 3]>::zeros());
}
