//! A layer of one's own that derives nothing.
use fusion::prelude::*;

pub struct Double;

impl<S: Shape> Forward<Tensor<S>> for Double {
    type Output = Tensor<S>;
    fn forward(&self, x: Tensor<S>) -> Tensor<S> {
        x * 2.0
    }
}

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<_, 128>,
        Double,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
    let _ = (y, net.summary());
}
