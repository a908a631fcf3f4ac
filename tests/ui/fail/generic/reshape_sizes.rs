//! Other numbers behind a generic batch.
use fusion::prelude::*;

fn image<B: Dim>(x: &Tensor<shape![B, 48]>) -> Tensor<shape![B, 3, 4, 5]> {
    x.reshape()
}

fn main() {}
