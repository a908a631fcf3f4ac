// mistakes: 2
use fusion::prelude::*;

fn parts(x: Tensor<shape![3, 4]>) {
    let _ = x[0];
    let _ = x[..2];
}

fn main() {}
