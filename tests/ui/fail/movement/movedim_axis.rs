use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let _ = x.movedim(Axis::<0>, Axis::<2>);
}
