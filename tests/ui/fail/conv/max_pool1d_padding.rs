//! Padding that a window of pooling may see alone.
use fusion::prelude::*;

model! {
    pub Net: [3, 8] -> [3, 6] {
        pool: MaxPool1d<3, stride = 1, padding = 2>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
