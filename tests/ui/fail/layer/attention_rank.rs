//! Attention takes sequences.
use fusion::prelude::*;

model! {
    pub Net: [32] {
        attention: MultiHeadAttention<_, 4>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
