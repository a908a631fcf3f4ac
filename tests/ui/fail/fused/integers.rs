use fusion::prelude::*;

fused! { pub fn double(x) = 2 * x; }

fn main() {
    let _ = double(Tensor::from([1i64, 2]));
}
