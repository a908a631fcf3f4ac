use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let index = Tensor::<shape![2, 1]>::zeros();
    let _ = x.gather(Axis::<1>, &index);
}
