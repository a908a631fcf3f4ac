use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3, 4]>::zeros();
    let _ = x.mean_over((Axis::<0>, Axis::<2>, Axis::<-1>));
}
