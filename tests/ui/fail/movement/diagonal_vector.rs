use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![3]>::zeros();
    let _ = x.diagonal(Axis::<0>, Axis::<1>);
}
