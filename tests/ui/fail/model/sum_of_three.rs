//! Of three branches the one that differs is named.
use fusion::prelude::*;

model! {
    pub Net: [64] {
        { a: Linear<_, 16> } + { b: Linear<_, 16> } + { c: Linear<_, 17> },
        Relu,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 16]> = net.forward(Tensor::<shape![5, 64]>::zeros());
    let _ = (y, net.summary());
}
