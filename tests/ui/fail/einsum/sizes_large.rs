use fusion::prelude::*;

fn main() {
    let a = Tensor::<shape![2, 1024]>::ones();
    let b = Tensor::<shape![1000, 5]>::ones();
    let _ = einsum!("ij,jk->ik", a, &b);
}
