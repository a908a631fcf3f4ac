//! A tensor that is left out is no parameter.
use fusion::prelude::*;

#[derive(Module)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    #[module(skip)]
    #[init(zeros)]
    scale: Tensor<shape![3]>,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
