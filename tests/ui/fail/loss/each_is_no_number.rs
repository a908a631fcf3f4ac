use fusion::prelude::*;

fn step(x: Tensor<shape![32, 10]>, y: Tensor<shape![32, 10]>) {
    let _ = L1Loss::new().reduction(Each).forward(&x.trace(), &y).backward();
}

fn main() {}
