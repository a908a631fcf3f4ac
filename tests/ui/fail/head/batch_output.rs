//! The batch in one of several outputs.
use fusion::prelude::*;

model! {
    pub Net: [784] -> { hidden: [-1, 128] } {
        hidden: Linear<_, 128>,
    }
}

fn main() {}
