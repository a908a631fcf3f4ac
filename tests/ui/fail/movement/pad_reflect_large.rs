use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 1024]>::zeros();
    let _ = x.pad((Axis::<0>, Axis::<1>), Ends::<2, 1>, Reflect);
}
