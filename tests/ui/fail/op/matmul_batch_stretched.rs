use fusion::prelude::*;

fn main() {
    let q = Tensor::<shape![2, 1, 8, 5, 64]>::zeros();
    let k = Tensor::<shape![16, 4, 64, 5]>::zeros();
    let _ = q.matmul(&k);
}
