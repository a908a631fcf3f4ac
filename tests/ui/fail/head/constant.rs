//! A constant that is no size.
use fusion::prelude::*;

model! {
    pub Net<const H: u32>: [784] -> [10] {
        fc1: Linear<_, H>, Relu,
        fc2: Linear<H, 10>,
    }
}

fn main() {}
