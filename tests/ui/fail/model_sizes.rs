//! Sizes that no layer can have: four mistakes.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<_, 0>, Relu,
        fc2: Linear<_, 64 - 65>,
        fc3: Linear<_, 1_000_000_000>,
        fc4: Linear<_, 40_000 * 40_000>,
        fc5: Linear<_, 10>,
    }
}

fn main() {}
