//! What a layer behind this gives.
use fusion::prelude::*;

model! {
    pub Net: [8] -> [8] { Linear<_, 8>, _ + @last, last: Linear<_, 8> }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
