//! A model in itself.
use fusion::prelude::*;

model! {
    pub Tree: [8] -> [8] {
        fc: Linear<_, 8>, Relu,
        left: Tree,
    }
}

fn main() {}
