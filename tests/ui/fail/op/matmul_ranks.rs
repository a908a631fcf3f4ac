use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![32, 784]>::zeros();
    let w = Tensor::<shape![]>::zeros();
    let _ = x.matmul(&w);
}
