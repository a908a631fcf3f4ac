//! In a generic model, a size that fits one use only; and a computation that needs a parameter of its own.
use fusion::prelude::*;

model! {
    pub Net<C: Dim, H: Dim>: [C] -> [10] {
        fc1: Linear<64, H>, Relu,
        fc2: Linear<_, 2 * H>, Relu,
        fc3: Linear<_, 10>,
    }
}

fn main() {}
