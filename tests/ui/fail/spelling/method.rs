//! A method of a tensor.
use fusion::prelude::*;

model! {
    pub Net: [3, 32, 32] -> [10] {
        x.view(-1, 3072),
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
