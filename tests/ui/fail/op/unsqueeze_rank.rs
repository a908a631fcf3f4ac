use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![1, 2, 3, 4, 5, 6]>::zeros();
    let _ = x.unsqueeze(Axis::<0>);
}
