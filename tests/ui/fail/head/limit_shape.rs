//! A shape of more elements than a tensor can have.
use fusion::prelude::*;

fn f(x: Tensor<shape![999_999_999, 999_999_999, 999_999_999]>) {
    x.relu();
}

fn main() {}
