//! The same in types.
use fusion::prelude::*;

fn main() {
    let layer = RmsNorm::<dim!(33)>::init(&mut StdRng::seed_from_u64(0));
    let _ = layer.forward(Tensor::<shape![2, 32]>::zeros());
}
