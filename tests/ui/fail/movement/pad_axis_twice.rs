use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let _ = x.pad((Axis::<1>, Axis::<-1>), Ends::<1, 1>, Replicate);
}
