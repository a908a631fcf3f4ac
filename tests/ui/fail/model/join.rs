//! The branches of a join differ in their channels alone.
use fusion::prelude::*;

model! {
    pub Net: [4, 64] -> [10] {
        { Linear<_, 16> } | { wide: Linear<_, 32> },
        Flatten,
        Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 4, 64]>::zeros());
    let _ = (y, net.summary());
}
