//! What is taken up again does not fit.
use fusion::prelude::*;

model! {
    pub Net: [8] -> [8] { stem: Linear<_, 4>, Linear<_, 8>, _ + @stem }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
