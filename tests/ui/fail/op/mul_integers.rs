use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2], i64>::zeros();
    let _ = x * 2;
}
