use fusion::prelude::*;

fn main() {
    let _ = Tensor::<shape![2, 3]>::from([[1.0, 2.0], [3.0, 4.0]]);
}
