use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let _ = x.shrink(Axis::<1>, Ends::<2, 2>);
}
