use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let _ = x.flatten_axes(Axis::<0>, Axis::<2>);
}
