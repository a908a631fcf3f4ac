//! Layers without the head of a declaration.
use fusion::prelude::*;

model! {
    fc1: Linear<784, 128>, Relu,
    fc2: Linear<_, 10>,
}

fn main() {}
