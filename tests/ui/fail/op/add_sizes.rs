use fusion::prelude::*;

fn main() {
    let a = Tensor::<shape![32, 784]>::zeros();
    let b = Tensor::<shape![32, 785]>::zeros();
    let _ = &a + &b;
}
