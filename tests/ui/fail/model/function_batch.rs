//! A function for one size of the batch.
use fusion::prelude::*;

fn halve(x: Tensor<shape![32, 10]>) -> Tensor<shape![32, 10]> {
    x * 0.5
}

model! {
    pub Net: [784] -> [10] {
        Linear<_, 10>, halve,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
