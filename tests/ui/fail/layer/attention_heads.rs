//! Heads divide the embedding.
use fusion::prelude::*;

model! {
    pub Net: [10, 32] {
        attention: MultiHeadAttention<_, 5>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
