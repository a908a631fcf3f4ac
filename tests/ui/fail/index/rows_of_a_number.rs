use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![]>::zeros();
    for _ in &x {}
}
