//! A size to be worked out, as `-1`.
use fusion::prelude::*;

fn f(x: Tensor<shape![32, 28, 28]>) {
    x.reshape::<shape![32, -1]>();
}

fn main() {}
