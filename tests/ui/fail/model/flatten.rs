//! What a `Flatten` gives is not what the layer behind it takes.
use fusion::prelude::*;

model! {
    pub Net: [64, 12, 12] -> [10] {
        Flatten,
        fc1: Linear<9000, 128>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {}
