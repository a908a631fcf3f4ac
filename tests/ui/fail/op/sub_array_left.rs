use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 2]>::zeros();
    let _ = [1.0, 2.0, 3.0] - &x;
}
