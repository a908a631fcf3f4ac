use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2]>::zeros();
    let _ = x * [1.0f64, 2.0];
}
