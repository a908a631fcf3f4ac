use fusion::prelude::*;

fn main() {
    let a = Tensor::<shape![2, 3, 4, 5]>::ones();
    let _ = einsum!("abcd,efgh,abcd,efgh->", a, a, a, a);
}
