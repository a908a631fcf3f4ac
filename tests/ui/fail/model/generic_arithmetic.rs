//! A computation with a generic parameter.
use fusion::prelude::*;

model! {
    pub Net<H: Dim>: [784] -> [10] {
        fc1: Linear<_, 2 * H>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::<dim!(16)>::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
}
