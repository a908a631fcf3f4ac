//! Too few arguments.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<128>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
    let w: &Tensor<shape![128, 784]> = &net.fc1.weight;
    let _ = (y, w, net.summary());
}
