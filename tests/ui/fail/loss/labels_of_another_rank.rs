use fusion::prelude::*;

fn loss(scores: Tensor<shape![32, 10]>, labels: Tensor<shape![32, 1], i64>) {
    let _ = scores.cross_entropy(&labels);
}

fn main() {}
