use fusion::prelude::*;

fn loss(scores: Tensor<shape![32, 10]>, labels: Tensor<shape![32], u8>) {
    let _ = scores.cross_entropy(&labels);
}

fn main() {}
