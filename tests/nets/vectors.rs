//! Networks on vectors.

use crate::formula::one;
use fusion::prelude::*;

model! {
    /// micrograd's demo.
    Micrograd: [2] -> [1] { fc1: Linear<_, 16>, Relu, fc2: Linear<_, 16>, Relu, fc3: Linear<_, 1> }
}

model! {
    /// The same with tanh, as in Karpathy's lecture.
    MicrogradTanh: [2] -> [1] { fc1: Linear<_, 16>, Tanh, fc2: Linear<_, 16>, Tanh, fc3: Linear<_, 1>, Tanh }
}

#[test]
fn micrograd() {
    let net = Micrograd::init(&mut StdRng::seed_from_u64(0));
    crate::check!("micrograd", net, |net, feed| one(net.forward(feed.floats::<shape![20, 2]>("input"))));
}

#[test]
fn micrograd_with_tanh() {
    let net = MicrogradTanh::init(&mut StdRng::seed_from_u64(0));
    crate::check!("micrograd_tanh", net, |net, feed| one(net.forward(feed.floats::<shape![Dyn, 2]>("input"))));
}
