//! A layer norm of other features.
use fusion::prelude::*;

model! {
    pub Net: [10, 32] {
        norm: LayerNorm<33>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10, 32]> = net.forward(Tensor::<shape![5, 10, 32]>::zeros());
    let _ = (y, net.summary());
}
