use fusion::prelude::*;

fn deep(_: &Tensor<shape![1, 2, 3, 4, 5, 6, 7]>) {}

fn main() {
    let _ = deep;
}
