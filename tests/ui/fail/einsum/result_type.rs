use fusion::prelude::*;

fn main() {
    let a = Tensor::<shape![2, 3]>::ones();
    let b = Tensor::<shape![3, 4]>::ones();
    let _: Tensor<shape![2, 5]> = einsum!("ij,jk->ik", a, b);
}
