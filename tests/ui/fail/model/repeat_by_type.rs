//! A count is a constant, not a dimension.
use fusion::prelude::*;

model! {
    pub Net<N: Dim>: [32] -> [10] {
        N * Linear<_, 32>,
        Linear<_, 10>,
    }
}

fn main() {
    let net = Net::<Num<3>>::init(&mut StdRng::seed_from_u64(0));
    let _ = net.num_parameters();
}
