use fusion::prelude::*;

fn loss(x: Tensor<shape![32, 1]>, y: Tensor<shape![32]>) {
    let _ = HuberLoss::new().delta(2.0).forward(&x, &y);
}

fn main() {}
