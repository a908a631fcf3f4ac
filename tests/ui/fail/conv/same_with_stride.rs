//! PyTorch refuses padding "same" with a stride.
use fusion::prelude::*;

model! {
    pub Net: [3, 32, 32] {
        conv: Conv2d<_, 8, 3, padding = "same", stride = 2>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
