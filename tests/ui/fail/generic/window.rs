//! A window on sizes that may be too small for it: the bound is told, for each of them.
// mistakes: 2
use fusion::prelude::*;

#[derive(Module)]
struct Block<I: Dim, O: Dim, K: Nat> {
    conv: Conv2d<I, O, K>,
}

impl<B: Dim, I: Dim, O: Dim, K: Nat, H: Dim, W: Dim> Forward<Tensor<(B, I, H, W)>> for Block<I, O, K> {
    type Output = Tensor<(B, O, H, W)>;

    fn forward(&self, x: Tensor<(B, I, H, W)>) -> Self::Output {
        self.conv.forward(x).relu()
    }
}

fn main() {}
