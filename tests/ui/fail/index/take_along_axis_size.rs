use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let index = Tensor::<shape![4, 1], i64>::full(0);
    let _ = x.take_along_axis(Axis::<1>, &index);
}
