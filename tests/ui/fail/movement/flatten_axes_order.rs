use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3, 4]>::zeros();
    let _ = x.flatten_axes(Axis::<2>, Axis::<1>);
}
