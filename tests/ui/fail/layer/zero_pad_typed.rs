//! Padding around what is no image, in types.
use fusion::prelude::*;

fn main() {
    let _ = ZeroPad2d::<dim!(1)>::new().forward(Tensor::<shape![1, 3, 8]>::zeros());
}
