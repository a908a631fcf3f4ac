use fusion::prelude::*;

fused! { pub fn product(a, b) = a * b; }

fn main() {
    let _ = product(Tensor::from([1.0f32, 2.0]), Tensor::from([1.0f64, 2.0]));
}
