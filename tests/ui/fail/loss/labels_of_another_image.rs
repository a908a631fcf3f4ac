use fusion::prelude::*;

fn loss(scores: Tensor<shape![Dyn, 21, 64, 48]>, labels: Tensor<shape![Dyn, 48, 64], i64>) {
    let _ = scores.cross_entropy(&labels);
}

fn main() {}
