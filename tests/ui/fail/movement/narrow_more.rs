use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let _ = x.narrow::<dim!(5), _>(Axis::<1>, 0);
}
