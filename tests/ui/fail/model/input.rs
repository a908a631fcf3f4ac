//! The first layer does not take the model's input.
use fusion::prelude::*;

model! {
    Net: [28, 28] -> [10] { fc: Linear<784, 10> }
}

fn main() {}
