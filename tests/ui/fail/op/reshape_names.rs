//! Sizes of different names in one place.
use fusion::prelude::*;

struct Batch;
struct Time;

fn rows(x: &Tensor<shape![Dyn<Batch>, 28, 28]>) -> Tensor<shape![Dyn<Time>, 784]> {
    x.reshape()
}

fn main() {}
