//! The batch in the head, as a number.
use fusion::prelude::*;

model! {
    pub Net: [32, 1, 28, 28] -> [32, 10] {
        conv: Conv2d<_, 8, 3>, Relu,
        Flatten,
        fc: Linear<_, 10>,
    }
}

fn scores(net: &Net, x: Tensor<shape![32, 1, 28, 28]>) -> Tensor<shape![32, 10]> {
    net.forward(x)
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
