//! PyTorch's list of layers.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        nn.Sequential(nn.Linear(784, 10), nn.ReLU()),
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
