use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let n = 1;
    let _ = x.at(ix![..=n]);
}
