use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let mask = Tensor::<shape![2, 3, 1], bool>::full(true);
    let _ = x.at(ix![&mask]);
}
