//! A function that takes another tensor.
use fusion::prelude::*;

fn tall<B: Dim>(x: Tensor<(B, Num<31>)>) -> Tensor<(B, Num<31>)> {
    x * 2.0
}

model! {
    pub Net: [32] -> [10] {
        Relu,
        tall,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 32]>::zeros());
    let _ = (y, net.summary());
}
