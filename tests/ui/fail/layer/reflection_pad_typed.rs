//! A reflection as wide as the image, in types.
use fusion::prelude::*;

fn main() {
    let _ = ReflectionPad2d::<dim!(4)>::new().forward(Tensor::<shape![1, 3, 8, 4]>::zeros());
}
