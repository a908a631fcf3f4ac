//! A declaration without a name.
use fusion::prelude::*;

model! {
    [784] -> [10] { fc: Linear<_, 10> }
}

fn main() {}
