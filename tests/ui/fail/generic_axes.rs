//! Sums, products and other orders of axes that a shape may not have.
// mistakes: 6
use fusion::prelude::*;

fn axes<S: Shape, R: Shape>(x: &Tensor<S>, y: &Tensor<R>) {
    let _ = x.sum_over(Axis::<1>);
    let _ = x.transpose(Axis::<0>, Axis::<1>);
    let _ = x.squeeze(Axis::<0>);
    let _ = x.unsqueeze(Axis::<0>);
    let _ = x.matmul(y);
    let _ = x * y;
}

fn main() {}
