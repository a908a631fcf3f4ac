//! Models in functions and modules, several of one name in several places.
#![deny(warnings)]

use fusion::prelude::*;

mod inner {
    fusion::model! { pub(crate) Net: [3] -> [2] { fc: Linear<_, 2> } }
}

fn local() -> usize {
    const SIZE: usize = 7;
    model! { Net: [3] -> [SIZE] { fc: Linear<_, SIZE> } }
    Net::init(&mut StdRng::seed_from_u64(0)).num_parameters()
}

#[test]
fn main() {
    assert_eq!(local(), 28);
    assert_eq!(inner::Net::init(&mut StdRng::seed_from_u64(0)).fc.weight.shape(), [2, 3]);
    // The names of built-in layers mean Fusion's, whatever else they mean here.
    struct Linear;
    struct Relu;
    let _ = (Linear, Relu);
    model! { Net: [3] -> [2] { fc: Linear<_, 2>, Relu } }
    assert_eq!(Net::init(&mut StdRng::seed_from_u64(0)).fc.weight.shape(), [2, 3]);
}
