use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let index = Tensor::<shape![2], i64>::from([1, 0]);
    let _ = x.gather(Axis::<0>, &index);
}
