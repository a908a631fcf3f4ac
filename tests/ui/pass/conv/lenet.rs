//! A classifier of images, its sizes inferred.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub LeNet: [1, 28, 28] -> [10] {
        conv1: Conv2d<_, 32, 3>, Relu,
        conv2: Conv2d<_, 64, 3>, Relu,
        MaxPool2d<2>,
        Flatten,
        fc1: Linear<_, 128>, Relu,
        fc2: Linear<_, 10>,
    }
}

#[test]
fn main() {
    let net = LeNet::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![2, 10]> = net.forward(Tensor::<shape![2, 1, 28, 28]>::ones());
    let _: &Tensor<shape![128, 9216]> = &net.fc1.weight;
    let _: &Tensor<shape![64, 32, 3, 3]> = &net.conv2.weight;
    assert_eq!(net.num_parameters(), 320 + 18_496 + 1_179_776 + 1_290);
    let summary = net.summary();
    assert_eq!(summary.rows()[4].output, [64, 12, 12]);
    assert_eq!(summary.multiply_adds(), 32 * 26 * 26 * 9 + 64 * 24 * 24 * 32 * 9 + 9216 * 128 + 1280);
    assert_eq!(y.shape(), [2, 10]);
}
