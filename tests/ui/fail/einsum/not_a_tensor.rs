use fusion::prelude::*;

fn main() {
    let a = Tensor::<shape![2, 3]>::ones();
    let _ = einsum!("ij,jk->ik", a, 2.0);
}
