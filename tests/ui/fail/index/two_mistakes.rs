// mistakes: 4
use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let _ = x.at(ix![2, ..]);
    let _ = x.at(ix![.., 3]);
    let _ = x.at(ix![1.0, 3..1]);
}
