//! The elements of axes of any size.
use fusion::prelude::*;

#[derive(Module)]
pub struct Head {
    act: Relu,
}

impl<B: Dim, C: Dim, H: Dim, W: Dim> Forward<Tensor<(B, C, H, W)>> for Head {
    type Output = Tensor<(B, C, H, W)>;

    fn forward(&self, x: Tensor<(B, C, H, W)>) -> Self::Output {
        Flatten.forward(x.clone());
        self.act.forward(x)
    }
}

fn main() {}
