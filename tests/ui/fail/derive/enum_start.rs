//! An enum does not say which variant it starts as.
use fusion::prelude::*;

#[derive(Module)]
pub enum Activation {
    Relu(Relu),
    Tanh(Tanh),
}

fn main() {
    let act = Activation::init(&mut StdRng::seed_from_u64(0));
    let _ = act.num_parameters();
}
