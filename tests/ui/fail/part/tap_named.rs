//! Another name for what a layer gives.
use fusion::prelude::*;

model! {
    pub Net: [8] -> [8] { stem: Linear<_, 8>, Relu, again: @stem }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
