use fusion::prelude::*;

fn loss(scores: Tensor<shape![32, 10]>, labels: Tensor<shape![32], i64>) {
    let _ = labels.cross_entropy(&scores);
}

fn main() {}
