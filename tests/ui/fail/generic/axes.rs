//! Axes that a shape may not have, and shapes that may not go together.
// mistakes: 2
use fusion::prelude::*;

fn axes<S: Shape, R: Shape>(x: &Tensor<S>, y: &Tensor<R>) {
    let _ = x.sum_over(Axis::<1>);
    let _ = x * y;
}

fn main() {}
