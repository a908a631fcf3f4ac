use fusion::prelude::*;

fn loss(scores: Tensor<shape![Dyn, 10]>, labels: Tensor<shape![Dyn], i64>, weight: Tensor<shape![10], f64>) {
    let _ = NllLoss::new().weight(&weight).forward(&scores, &labels);
}

fn main() {}
