use fusion::prelude::*;

fn classify(fc: &Linear<dim!(10), dim!(10)>, x: Tensor<()>) {
    let _ = fc.forward(x);
}

fn main() {
    let _ = classify;
}
