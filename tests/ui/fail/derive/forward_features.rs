//! A layer in a layer takes as many features as it says, not any.
use fusion::prelude::*;

#[derive(Module)]
pub struct Block<C: Dim> {
    fc: Linear<C, dim!(4)>,
}

impl<B: Dim, C: Dim, I: Dim> Forward<Tensor<(B, I)>> for Block<C> {
    type Output = Tensor<(B, dim!(4))>;

    fn forward(&self, x: Tensor<(B, I)>) -> Self::Output {
        self.fc.forward(x)
    }
}

fn main() {}
