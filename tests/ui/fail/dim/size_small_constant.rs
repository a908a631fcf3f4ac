//! A constant that is not in capitals.
use fusion::prelude::*;

#[expect(non_upper_case_globals)]
const hidden: usize = 64;

model! {
    pub Net: [784] -> [10] {
        fc1: Linear<_, hidden>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
