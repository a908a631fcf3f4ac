//! A mistake behind a layer of one's own, with a size that is a constant: found by const evaluation.
use fusion::prelude::*;

const HIDDEN: usize = 9000;

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
    pub Net: [784] -> [10] {
        gate: Gate<784>,
        fc1: Linear<HIDDEN, 128>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
    let w: &Tensor<shape![128, 784]> = &net.fc1.weight;
    let _ = (y, w, net.summary());
}
