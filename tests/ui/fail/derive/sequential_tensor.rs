//! `sequential` runs layers.
use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    #[init(zeros)]
    bias: Tensor<shape![3]>,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(Tensor::<shape![5, 3]>::zeros()).sum();
}
