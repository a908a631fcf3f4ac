use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![5000]>::zeros();
    let _ = x.at(ix![5000]);
}
