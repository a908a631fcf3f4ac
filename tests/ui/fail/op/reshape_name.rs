//! A size with a name is one size, and what is behind it has as many elements.
use fusion::prelude::*;

struct Batch;

fn rows(x: &Tensor<shape![Dyn<Batch>, 28, 28]>) -> Tensor<shape![Dyn<Batch>, 700]> {
    x.reshape()
}

fn main() {}
