//! A division of a constant that does not come out even, outside a model.
use fusion::prelude::*;

const WIDTH: usize = 784;

fn f(x: Tensor<(dim!(WIDTH / 3),)>) {
    x.relu();
}

fn main() {}
