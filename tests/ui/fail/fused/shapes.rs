use fusion::prelude::*;

fused! { pub fn product(a, b) = a * b; }

fn main() {
    let _ = product(Tensor::<shape![2, 3]>::zeros(), Tensor::<shape![4]>::zeros());
}
