//! A slip in the name of an argument.
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] {
        conv: Conv2d<_, 8, 3, strid = 2>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 8, 3, 3]> = net.forward(Tensor::<shape![5, 3, 8, 8]>::zeros());
    let _ = (y, net.summary());
}
