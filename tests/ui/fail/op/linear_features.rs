use fusion::prelude::*;

fn classify(fc: &Linear<dim!(9000), dim!(10)>, x: Tensor<shape![Dyn, 9216]>) {
    let _ = fc.forward(x);
}

fn main() {
    let _ = classify;
}
