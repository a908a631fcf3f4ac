//! A function with an argument.
use fusion::prelude::*;

fn scale<S: Shape>(x: Tensor<S>, k: f32) -> Tensor<S> {
    x * k
}

model! {
    pub Net: [784] -> [10] {
        Linear<_, 10>, scale(0.5),
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
