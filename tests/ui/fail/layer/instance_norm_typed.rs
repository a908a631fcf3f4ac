//! The same in types.
use fusion::prelude::*;

fn main() {
    let layer = InstanceNorm1d::<dim!(4)>::init(&mut StdRng::seed_from_u64(0));
    let _ = layer.forward(Tensor::<shape![2, 3, 8]>::zeros());
}
