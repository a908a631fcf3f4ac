//! Above the enum, `default` takes a value.
use fusion::prelude::*;

#[derive(Module)]
#[module(default)]
pub enum Activation {
    Relu(Relu),
    Tanh(Tanh),
}

fn main() {
    let act = Activation::init(&mut StdRng::seed_from_u64(0));
    let _ = act.num_parameters();
}
