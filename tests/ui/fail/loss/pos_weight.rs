use fusion::prelude::*;

fn loss(scores: Tensor<shape![32, 10]>, targets: Tensor<shape![32, 10]>, pos_weight: Tensor<shape![32]>) {
    let _ = BceWithLogitsLoss::new().pos_weight(&pos_weight).forward(&scores, &targets);
}

fn main() {}
