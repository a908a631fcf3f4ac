use fusion::prelude::*;

fn main() {
    let a = Tensor::<shape![2, 3]>::ones();
    let b = Tensor::<shape![3, 4]>::ones();
    let c = Tensor::<shape![5, 4]>::ones();
    let _ = einsum!("ij,jk,lj->il", a, b, c.abs());
}
