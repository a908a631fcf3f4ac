//! Starts that there are not, a random buffer, and missing numbers: four mistakes.
use fusion::prelude::*;

#[derive(Module)]
pub struct Gate<C: Dim> {
    #[init(zeroes)]
    shift: Tensor<(C,)>,
    #[init(orthogonal)]
    weight: Tensor<(C, C)>,
    #[buffer(normal(0.0, 1.0))]
    mean: Tensor<(C,)>,
    #[init(normal)]
    scale: Tensor<(C,)>,
}

fn main() {}
