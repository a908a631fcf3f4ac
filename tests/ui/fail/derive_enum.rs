//! The derive is for structs.
use fusion::prelude::*;

#[derive(Module)]
pub enum Activation {
    Relu(Relu),
    Tanh(Tanh),
}

fn main() {}
