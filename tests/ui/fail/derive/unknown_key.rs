//! A misspelt key.
use fusion::prelude::*;

#[derive(Module)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    #[module(defualt = Relu)]
    act: Relu,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
