//! A layer of one's own does not take what flows into it: its bound says so, once.
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
    pub Net: [784] -> [10] {
        fc1: Linear<_, 128>,
        gate: Gate<127>,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
    let _ = (y, &net.fc2.bias, net.summary());
}
