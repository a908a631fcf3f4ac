use fusion::prelude::*;

fn loss(logs: Tensor<shape![32, 10]>, labels: Tensor<shape![32]>) {
    let _ = logs.nll_loss(&labels);
}

fn main() {}
