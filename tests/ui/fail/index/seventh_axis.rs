use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![1, 1, 1, 1, 1, 1]>::zeros();
    let _ = x.at(ix![new]);
}
