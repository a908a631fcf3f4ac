//! A residual of unequal parameters.
use fusion::prelude::*;

model! {
    pub Block<C: Dim, D: Dim>: [C, H, W] -> [C, H, W] {
        _ + { conv: Conv2d<_, D, 3, padding = 1>, Relu },
    }
}

fn main() {}
