use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let index = Tensor::<shape![2, 1], i64>::full(0);
    let _ = x.scatter_add(Axis::<1>, &index, &Tensor::<shape![2, 2]>::zeros());
}
