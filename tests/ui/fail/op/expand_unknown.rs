use fusion::prelude::*;

// The size of a new axis cannot be taken from anywhere.
fn main() {
    let x = Tensor::<shape![3]>::zeros();
    let _ = x.expand::<shape![Dyn, 3]>();
}
