use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3, 4]>::zeros();
    let _ = x.permute((Axis::<1>, Axis::<0>));
}
