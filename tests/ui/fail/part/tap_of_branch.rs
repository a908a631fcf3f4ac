//! What a layer in a branch gives, behind the branches.
use fusion::prelude::*;

model! {
    pub Net: [8] -> [8] { _ + { inner: Linear<_, 8>, Relu }, _ + @inner }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
