use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 6]>::zeros();
    let _ = x.split::<shape![2, 3], _>(Axis::<1>);
}
