use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![1, 3, 4, 9]>::zeros();
    let _ = x.unfold::<dim!(2)>();
}
