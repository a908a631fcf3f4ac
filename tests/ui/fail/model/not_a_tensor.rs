//! A layer that gives something else than a tensor.
use fusion::prelude::*;

#[derive(Module)]
pub struct Twice;

impl<S: Shape> Forward<Tensor<S>> for Twice {
    type Output = [Tensor<S>; 2];
    fn forward(&self, x: Tensor<S>) -> Self::Output {
        [x.clone(), x]
    }
}

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<_, 128>, Relu,
        Twice,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
    let w: &Tensor<shape![128, 784]> = &net.fc1.weight;
    let _ = (y, w, net.summary());
}
