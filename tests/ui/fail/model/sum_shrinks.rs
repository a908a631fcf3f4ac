//! A branch that takes the rim of an image away.
use fusion::prelude::*;

model! {
    pub Net: [16, 8, 8] -> [16, 8, 8] {
        _ + { conv: Conv2d<_, 16, 3>, Relu },
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 16, 8, 8]> = net.forward(Tensor::<shape![5, 16, 8, 8]>::zeros());
    let _ = (y, net.summary());
}
