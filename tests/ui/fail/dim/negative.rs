use fusion::prelude::*;

fn channels(_: &Tensor<shape![Dyn, -3]>) {}

fn main() {
    let _ = channels;
}
