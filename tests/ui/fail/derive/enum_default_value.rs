//! The variant that an enum starts as takes no value.
use fusion::prelude::*;

#[derive(Module)]
pub enum Activation {
    #[module(default = Relu)]
    Relu(Relu),
    Tanh(Tanh),
}

fn main() {
    let act = Activation::init(&mut StdRng::seed_from_u64(0));
    let _ = act.num_parameters();
}
