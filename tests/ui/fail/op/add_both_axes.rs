use fusion::prelude::*;

fn main() {
    let a = Tensor::<shape![2, 3]>::zeros();
    let b = Tensor::<shape![3, 2]>::zeros();
    let _ = a - b;
}
