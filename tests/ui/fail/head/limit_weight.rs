//! A weight of more elements than a tensor can have.
use fusion::prelude::*;

model! {
    pub Net: [1, 999_999_999] {
        attention: MultiHeadAttention<_, 1>, Relu,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
