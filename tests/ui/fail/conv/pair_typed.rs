//! A typed window of two sizes that is too wide.
use fusion::prelude::*;

fn main() {
    let layer = Conv2d::<dim!(3), dim!(8), (dim!(1), dim!(7))>::init(&mut StdRng::seed_from_u64(0));
    let _ = layer.forward(Tensor::<shape![2, 3, 8, 6]>::zeros());
}
