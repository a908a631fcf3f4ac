//! A generic struct with a field that is no module.
use fusion::prelude::*;

pub struct Scale<C>(Tensor<(C,)>);

#[derive(Module)]
pub struct Net<C: Dim> {
    fc: Linear<C, C>,
    scale: Scale<C>,
}

fn main() {
    let net = Net::<dim!(3)>::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.scale.0);
}
