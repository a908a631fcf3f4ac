//! What a layer that is a parameter takes is asked.
use fusion::prelude::*;

#[derive(Module)]
pub struct Residual<L> {
    inner: L,
}

impl<B: Dim, C: Dim, L: Module> Forward<Tensor<(B, C)>> for Residual<L> {
    type Output = Tensor<(B, C)>;

    fn forward(&self, x: Tensor<(B, C)>) -> Self::Output {
        self.inner.forward(x.clone()) + x
    }
}

fn main() {}
