use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let first = 0..1;
    let _ = x.at(ix![first]);
}
