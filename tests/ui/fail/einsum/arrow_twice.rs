use fusion::prelude::*;

fn main() {
    let a = Tensor::<shape![2, 3]>::ones();
    let _ = einsum!("ij->j->i", a);
}
