//! A size that only the run knows has no starting values.
use fusion::prelude::*;

#[derive(Module)]
pub struct Gate<C> {
    #[init(ones)]
    scale: Tensor<(C,)>,
}

fn main() {
    let gate = Gate::<Dyn>::init(&mut StdRng::seed_from_u64(0));
    let _ = gate.scale;
}
