//! A condition is for all that a model becomes.
use fusion::prelude::*;

model! {
    #[cfg(any())]
    /// A wide one.
    pub Net: [784] -> [10] { fc1: Linear<_, 1000>, fc2: Linear<_, 10> }
}
model! {
    #[cfg(not(any()))]
    /// A narrow one.
    pub Net: [784] -> [10] { fc: Linear<_, 10> }
}

#[test]
fn main() {
    assert_eq!(Net::init(&mut StdRng::seed_from_u64(0)).num_parameters(), 7850);
}
