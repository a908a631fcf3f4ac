use fusion::prelude::*;

// A vector goes along the last axis, not the first.
fn main() {
    let images = Tensor::<shape![32, 9216]>::zeros();
    let weights = Tensor::<shape![32]>::zeros();
    let _ = images * weights;
}
