use fusion::prelude::*;

fn loss(scores: Tensor<shape![Dyn, 10]>, labels: Tensor<shape![Dyn], i64>, weight: Tensor<shape![9]>) {
    let _ = CrossEntropyLoss::new().weight(&weight).forward(&scores, &labels);
}

fn main() {}
