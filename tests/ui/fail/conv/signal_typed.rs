//! A typed layer of signals on images.
use fusion::prelude::*;

fn main() {
    let layer = Conv1d::<dim!(3), dim!(8), dim!(3)>::init(&mut StdRng::seed_from_u64(0));
    let _ = layer.forward(Tensor::<shape![2, 3, 8, 8]>::zeros());
}
