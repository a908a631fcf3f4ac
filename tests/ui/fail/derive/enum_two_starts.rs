//! An enum starts as two variants.
use fusion::prelude::*;

#[derive(Module)]
pub enum Activation {
    #[module(default)]
    Relu(Relu),
    #[module(default)]
    Tanh(Tanh),
}

fn main() {
    let act = Activation::init(&mut StdRng::seed_from_u64(0));
    let _ = act.num_parameters();
}
