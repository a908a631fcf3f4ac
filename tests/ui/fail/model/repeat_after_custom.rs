//! Behind a layer of one's own, const evaluation sees what is repeated.
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
    pub Net: [32] -> [10] {
        gate: Gate<32>,
        wide: 3 * Linear<_, 64>,
        Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 32]>::zeros());
    let _ = (y, net.summary());
}
