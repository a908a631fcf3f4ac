//! Arguments by names that the layer does not have: two mistakes.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<_, 128, stride = 2>, Relu,
        Dropout<q = 0.5>,
        fc2: Linear<_, 10>,
    }
}

fn main() {}
