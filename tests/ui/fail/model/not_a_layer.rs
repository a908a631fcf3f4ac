//! A module without `Forward`.
use fusion::prelude::*;

#[derive(Module)]
pub struct Scale {
    #[init(ones)]
    scale: Tensor<()>,
}

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<_, 128>,
        Scale,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
    let _ = (y, net.summary());
}
