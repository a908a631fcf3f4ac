use fusion::prelude::*;

const KERNEL: usize = 5;

fn image(_: &Tensor<shape![{ 3 - KERNEL }]>) {}

fn main() {
    let _ = image;
}
