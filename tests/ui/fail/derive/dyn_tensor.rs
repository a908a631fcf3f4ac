//! A tensor whose size only the run knows cannot start.
use fusion::prelude::*;

#[derive(Module)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    #[init(zeros)]
    state: Tensor<shape![Dyn, 3]>,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
