//! The same in types.
use fusion::prelude::*;

fn main() {
    let _ = PixelShuffle::<dim!(2)>::new().forward(Tensor::<shape![1, 6, 8, 8]>::zeros());
}
