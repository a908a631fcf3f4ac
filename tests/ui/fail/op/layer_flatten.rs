use fusion::prelude::*;

fn flatten(x: Tensor<shape![Dyn]>) {
    let _ = Flatten.forward(x);
}

fn main() {
    let _ = flatten;
}
