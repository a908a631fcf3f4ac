use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let mask = Tensor::<shape![3], bool>::from([true, false, true]);
    let _ = x.at(ix![&mask]);
}
