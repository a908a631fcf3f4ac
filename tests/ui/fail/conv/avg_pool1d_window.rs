//! A window of pooling longer than the signal.
use fusion::prelude::*;

model! {
    pub Net: [3, 8] -> [3, 6] {
        pool: AvgPool1d<9>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
