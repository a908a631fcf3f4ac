//! `_` in a generic model after a layer of one's own.
use fusion::prelude::*;

#[derive(Module)]
pub struct Gate<C: Dim> {
    #[init(ones)]
    scale: Tensor<(C,)>,
}

impl<B: Dim, C: Dim> Forward<Tensor<(B, C)>> for Gate<C> {
    type Output = Tensor<(B, C)>;
    fn forward(&self, x: Tensor<(B, C)>) -> Tensor<(B, C)> {
        x * &self.scale
    }
}

model! {
    pub Net<C: Dim>: [C] -> [10] {
        gate: Gate<C>,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::<dim!(64)>::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 64]>::zeros());
    let _ = (y, &net.fc.weight);
}
