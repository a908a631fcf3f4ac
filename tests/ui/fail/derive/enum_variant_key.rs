//! A key of the whole enum above a variant.
use fusion::prelude::*;

#[derive(Module)]
pub enum Activation {
    #[module(default, sequential)]
    Relu(Relu),
    Tanh(Tanh),
}

fn main() {
    let act = Activation::init(&mut StdRng::seed_from_u64(0));
    let _ = act.num_parameters();
}
