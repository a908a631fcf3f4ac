use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::zeros();
    let rows = Tensor::<shape![2]>::from([1.0, 0.0]);
    let _ = x.at(ix![&rows]);
}
