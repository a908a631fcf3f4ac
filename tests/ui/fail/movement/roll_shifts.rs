use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let _ = x.roll((Axis::<0>, Axis::<1>), 1);
}
