use fusion::prelude::*;

fn loss(scores: Tensor<shape![10]>, label: Tensor<shape![1], i64>) {
    let _ = scores.cross_entropy(&label);
}

fn main() {}
