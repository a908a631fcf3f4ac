//! A probability beyond 1.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        Dropout<25.0>,
        fc2: Linear<_, 10>,
    }
}

fn main() {}
