//! An input of more elements than a tensor can have.
use fusion::prelude::*;

model! {
    pub Net: [999_999, 999_999, 999_999_999] {
        Relu,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
