//! Doc comments where none belong, two of them.
// mistakes: 2
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        //! A small one.
        fc: Linear<_, 10>,
        /// The last.
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
