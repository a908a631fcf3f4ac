//! Sizes: numbers, expressions of numbers, constants by path, expressions of constants, dimensions by type.
#![deny(warnings)]

use fusion::prelude::*;

mod config {
    pub const FEATURES: usize = 28 * 28;
    pub const CLASSES: usize = 10;
}
const HIDDEN: usize = 1200;
type Wide = dim!(2048);

const fn half(n: usize) -> usize {
    n / 2
}

model! {
    pub Numbers: [2 * 14, (2 + 2) * 7] -> [5 * 2] {
        Flatten,
        fc1: Linear<_, 4 * 64>, Relu,
        fc2: Linear<256, 1_024>, Relu,
        fc3: Linear<_, 10>,
    }
}

model! {
    pub Constants: [config::FEATURES] -> [config::CLASSES] {
        fc1: Linear<784, HIDDEN>, Relu,
        fc2: Linear<HIDDEN, { half(HIDDEN) }>, Relu,
        fc3: Linear<_, HIDDEN / 3 + 1>, Relu,
        fc4: Linear<_, Wide>, Relu,
        fc5: Linear<Wide, dim!(64)>,
        fc6: Linear<64, config::CLASSES>,
    }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Numbers::init(rng);
    let _: Tensor<shape![2, 10]> = net.forward(Tensor::<shape![2, 28, 28]>::ones());
    assert_eq!(net.fc2.weight.shape(), [1024, 256]);

    let net = Constants::init(rng);
    let _: Tensor<shape![2, 10]> = net.forward(Tensor::<shape![2, 784]>::ones());
    let _: &Tensor<shape![1200, 784]> = &net.fc1.weight;
    let _: &Tensor<shape![401, 600]> = &net.fc3.weight;
    let summary = net.summary();
    assert_eq!((summary.rows()[0].layer.as_str(), &summary.rows()[0].output[..]), ("Linear<784, 1200>", &[1200][..]));
    assert_eq!(summary.rows()[6].layer, "Linear<401, 2048>");
    assert_eq!(net.multiply_adds(&[1, 784]), Some(summary.multiply_adds()));
}
