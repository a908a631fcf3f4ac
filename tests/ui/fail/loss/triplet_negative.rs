use fusion::prelude::*;

fn loss(anchor: Tensor<shape![32, 8]>, positive: Tensor<shape![32, 8]>, negative: Tensor<shape![32, 16]>) {
    let _ = TripletMarginLoss::new().swap(true).forward(&anchor, &positive, &negative);
}

fn main() {}
