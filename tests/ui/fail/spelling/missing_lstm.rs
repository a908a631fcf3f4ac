//! A layer that Fusion does not have.
use fusion::prelude::*;

model! {
    pub Net: [16, 8] -> [16, 8] {
        lstm: LSTM<8, 8>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
