use fusion::prelude::*;

fn half(_: &Tensor<shape![Dyn, 0.5]>) {}

fn main() {
    let _ = half;
}
