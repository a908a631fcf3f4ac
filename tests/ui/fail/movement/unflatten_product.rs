use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 12]>::zeros();
    let _ = x.unflatten::<shape![3, 5], _>(Axis::<1>);
}
