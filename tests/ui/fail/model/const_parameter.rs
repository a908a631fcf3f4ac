//! A `const` parameter ends at 999.
use fusion::prelude::*;

model! {
    pub Net<const H: usize>: [784] -> [10] {
        fc1: Linear<_, H>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::<1024>::init(&mut StdRng::seed_from_u64(0));
    let _ = &net.fc1.weight;
}
