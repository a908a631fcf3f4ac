use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let _ = x.diagonal(Axis::<1>, Axis::<-1>);
}
