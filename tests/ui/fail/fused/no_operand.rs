use fusion::prelude::*;

fused! { pub fn product(a, b) = a * b; }

fn main() {
    let _ = product(Tensor::<shape![2]>::zeros(), "two");
}
