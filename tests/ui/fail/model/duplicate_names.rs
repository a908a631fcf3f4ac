//! Two layers of one name.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        fc: Linear<_, 128>, Relu,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.fc.weight;
}
