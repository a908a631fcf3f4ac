//! A start where nobody starts it.
use fusion::prelude::*;

#[derive(Module)]
#[module(no_init)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    #[init(ones)]
    scale: Tensor<shape![3]>,
}

fn main() {
    let net = Net { fc: Linear::init(&mut StdRng::seed_from_u64(0)), scale: Tensor::ones().parameter() };
    let _ = net.num_parameters();
}
