use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 2]>::zeros();
    let _ = x + [1.0, 2.0, 3.0];
}
