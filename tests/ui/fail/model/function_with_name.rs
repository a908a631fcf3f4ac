//! A function has nothing to save.
use fusion::prelude::*;

fn double<S: Shape>(x: Tensor<S>) -> Tensor<S> {
    x * 2.0
}

model! {
    pub Net: [32] -> [10] {
        twice: double,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 32]>::zeros());
    let _ = (y, net.summary());
}
