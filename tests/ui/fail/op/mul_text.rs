use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2]>::zeros();
    let _ = x * "two";
}
