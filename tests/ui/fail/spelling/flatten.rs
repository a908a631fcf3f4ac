//! PyTorch's `nn.Flatten(1)`.
use fusion::prelude::*;

model! {
    pub Net: [3, 32, 32] -> [10] {
        nn.Flatten(1),
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
