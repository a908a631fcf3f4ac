use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![1, 1, 1, 1, 8]>::zeros();
    let _ = x.unflatten::<shape![2, 2, 2], _>(Axis::<4>);
}
