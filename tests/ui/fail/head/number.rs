//! A type of numbers in place of a bound.
use fusion::prelude::*;

model! {
    pub Net<H: usize>: [784] -> [10] {
        fc1: Linear<_, H>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {}
