//! A tensor that does not say how it starts.
use fusion::prelude::*;

#[derive(Module)]
pub struct Gate<C: Dim> {
    scale: Tensor<(C,)>,
}

fn main() {
    let gate = Gate::<dim!(32)>::init(&mut StdRng::seed_from_u64(0));
    let _ = gate.num_parameters();
}
