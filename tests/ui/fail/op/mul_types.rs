use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2]>::zeros();
    let y = Tensor::<shape![2], f64>::zeros();
    let _ = x * &y;
}
