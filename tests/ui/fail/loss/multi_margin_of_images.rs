use fusion::prelude::*;

fn loss(scores: Tensor<shape![2, 10, 4]>, labels: Tensor<shape![2], i64>) {
    let _ = MultiMarginLoss::new().forward(&scores, &labels);
}

fn main() {}
