// One error, for the last axis, where there are two that differ.
use fusion::prelude::*;

fn product(x: Tensor<shape![64, 128]>, w: Tensor<shape![128, 10]>) {
    let _ = x * w;
}

fn main() {}
