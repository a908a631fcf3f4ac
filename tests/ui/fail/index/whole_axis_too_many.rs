// mistakes: 5
use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![3]>::zeros();
    let _ = x.at(ix![.., ..]);
    let i = 0;
    let _ = x.at(ix![.., i]);
    let _ = x.at(ix![.., 1..]);
    let _ = x.at(ix![.., 1..2]);
    let _ = x.at(ix![.., i..]);
}
