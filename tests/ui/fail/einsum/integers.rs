use fusion::prelude::*;

fn main() {
    let a = Tensor::<shape![2, 3], i64>::zeros();
    let _ = einsum!("ij->ji", a);
}
