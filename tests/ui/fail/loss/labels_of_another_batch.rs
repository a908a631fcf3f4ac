use fusion::prelude::*;

fn loss(scores: Tensor<shape![32, 10]>, labels: Tensor<shape![31], i64>) {
    let _ = CrossEntropyLoss::new().forward(&scores, &labels);
}

fn main() {}
