use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![32, 9216]>::zeros();
    let w = Tensor::<shape![100352, 10]>::zeros();
    let _ = x.matmul(&w);
}
