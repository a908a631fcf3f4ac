//! A tensor of the layer's size and one of any size.
use fusion::prelude::*;

#[derive(Module)]
pub struct Scale<C: Dim> {
    #[init(ones)]
    scale: Tensor<(C,)>,
}

impl<B: Dim, C: Dim, I: Dim> Forward<Tensor<(B, I)>> for Scale<C> {
    type Output = Tensor<(B, I)>;

    fn forward(&self, x: Tensor<(B, I)>) -> Self::Output {
        x * &self.scale
    }
}

fn main() {}
