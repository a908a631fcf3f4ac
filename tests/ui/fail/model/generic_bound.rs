//! A generic parameter that is used as a size without being a dimension.
use fusion::prelude::*;

model! {
    pub Net<H>: [784] -> [10] {
        fc1: Linear<_, H>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::<dim!(16)>::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
}
