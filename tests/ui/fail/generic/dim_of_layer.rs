//! Layers whose sizes have no bound `Dim`: each is told once, with the bound.
// mistakes: 2
use fusion::prelude::*;

#[derive(Module)]
struct Mlp<I, H, O> {
    fc1: Linear<I, H>,
    fc2: Linear<H, O>,
}

impl<B: Dim, I, H, O> Forward<Tensor<(B, I)>> for Mlp<I, H, O> {
    type Output = Tensor<(B, O)>;

    fn forward(&self, x: Tensor<(B, I)>) -> Self::Output {
        self.fc2.forward(self.fc1.forward(x).relu())
    }
}

fn main() {}
