use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let _ = x.diagonal_at(Axis::<0>, Axis::<1>, 1.0);
}
