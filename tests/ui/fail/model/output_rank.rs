//! The model ends with another number of axes than it states.
use fusion::prelude::*;

model! {
    pub Net: [28, 28] -> [10] {
        fc1: Linear<_, 10>, Relu,
    }
}

fn main() {}
