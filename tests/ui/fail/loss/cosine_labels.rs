use fusion::prelude::*;

fn loss(a: Tensor<shape![32, 8]>, b: Tensor<shape![32, 8]>, labels: Tensor<shape![8], i64>) {
    let _ = CosineEmbeddingLoss::new().forward(&a, &b, &labels);
}

fn main() {}
