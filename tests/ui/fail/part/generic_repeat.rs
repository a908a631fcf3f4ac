//! A repeated layer of another shape, as often as a parameter says.
use fusion::prelude::*;

model! {
    pub Net<const N: usize>: [8] -> [8] {
        layers: N * Linear<8, 9>,
    }
}

fn main() {}
