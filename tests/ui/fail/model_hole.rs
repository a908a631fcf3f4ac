//! `_` where nothing says what it is: the size of an output, and an argument of one's own layer.
use fusion::prelude::*;

model! {
    pub Net: [784] {
        fc1: Linear<_, _>,
        gate: Gate<_>,
    }
}

fn main() {}
