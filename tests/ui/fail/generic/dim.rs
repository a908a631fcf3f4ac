//! A layer of one's own without the bound `Dim` for its sizes: each is told once, with the bound.
// mistakes: 2
use fusion::prelude::*;

#[derive(Module)]
struct Scale<C> {
    #[init(ones)]
    w: Tensor<(C,)>,
}

impl<B, C> Forward<Tensor<(B, C)>> for Scale<C> {
    type Output = Tensor<(B, C)>;

    fn forward(&self, x: Tensor<(B, C)>) -> Self::Output {
        x * &self.w
    }
}

fn main() {}
