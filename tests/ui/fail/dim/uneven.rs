//! A division that does not come out even, outside a model.
use fusion::prelude::*;

fn f(x: Tensor<shape![784 / 3]>) {
    x.relu();
}

fn main() {}
