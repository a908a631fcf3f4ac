//! A union does not know what it holds.
use fusion::prelude::*;

#[derive(Module)]
pub union Either {
    relu: Relu,
    tanh: Tanh,
}

fn main() {}
