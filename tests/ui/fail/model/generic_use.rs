//! A generic model used with a size that it cannot have.
use fusion::prelude::*;

model! {
    pub Net<H: Dim>: [784] -> [10] {
        fc1: Linear<_, H>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::<fusion::dim::Num<1024>>::init(&mut StdRng::seed_from_u64(0));
    let _ = &net.fc1.weight;
}
