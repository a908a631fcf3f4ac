//! The batch in the head, in front of features.
use fusion::prelude::*;

model! {
    pub Net: [N, 784] -> [N, 10] {
        fc: Linear<_, 10>,
    }
}

fn scores(net: &Net, x: Tensor<shape![Dyn, 784]>) -> Tensor<shape![Dyn, 10]> {
    net.forward(x)
}

fn main() {}
