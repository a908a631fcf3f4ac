//! The same in types.
use fusion::prelude::*;

fn main() {
    let _ = UpsamplingBilinear2d::<dim!(0)>::new().forward(Tensor::<shape![1, 3, 8, 8]>::zeros());
}
