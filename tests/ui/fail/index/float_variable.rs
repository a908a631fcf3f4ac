use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let half = 0.5;
    let _ = x.at(ix![half]);
}
