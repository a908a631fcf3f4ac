//! An output without its sizes, behind a function of which only the compiler knows what it gives.
use fusion::prelude::*;

fn halve<S: Shape>(x: Tensor<S>) -> Tensor<S> {
    x * 0.5
}

model! {
    pub Net: [32] -> { a, b } {
        a: Linear<_, 16>,
        halve,
        b: Relu,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
