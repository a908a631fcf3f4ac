//! Plain stacks of convolutions: LeNet-5 with tanh and means, VGG-16's for small images.

use crate::formula::one;
use fusion::prelude::*;

model! {
    LeNet5: [1, 28, 28] -> [10] {
        conv1: Conv2d<_, 6, 5, padding = 2>, Tanh, AvgPool2d<2>,
        conv2: Conv2d<_, 16, 5>, Tanh, AvgPool2d<2>,
        Flatten,
        fc1: Linear<_, 120>, Tanh,
        fc2: Linear<_, 84>, Tanh,
        fc3: Linear<_, 10>,
    }
}

model! {
    /// VGG-16's convolutions with one linear layer.
    Vgg16Small: [3, 32, 32] -> [10] {
        features: {
            Conv2d<_, 64, 3, padding = 1>, Relu, Conv2d<_, 64, 3, padding = 1>, Relu, MaxPool2d<2>,
            Conv2d<_, 128, 3, padding = 1>, Relu, Conv2d<_, 128, 3, padding = 1>, Relu, MaxPool2d<2>,
            Conv2d<_, 256, 3, padding = 1>, Relu, Conv2d<_, 256, 3, padding = 1>, Relu,
            Conv2d<_, 256, 3, padding = 1>, Relu, MaxPool2d<2>,
            Conv2d<_, 512, 3, padding = 1>, Relu, Conv2d<_, 512, 3, padding = 1>, Relu,
            Conv2d<_, 512, 3, padding = 1>, Relu, MaxPool2d<2>,
            Conv2d<_, 512, 3, padding = 1>, Relu, Conv2d<_, 512, 3, padding = 1>, Relu,
            Conv2d<_, 512, 3, padding = 1>, Relu, MaxPool2d<2>,
        },
        Flatten,
        classifier: Linear<_, 10>,
    }
}

#[test]
fn lenet5() {
    let net = LeNet5::init(&mut StdRng::seed_from_u64(0));
    crate::check!("lenet5", net, |net, feed| one(net.forward(feed.floats::<shape![4, 1, 28, 28]>("input"))));
}

#[test]
fn vgg16_small() {
    let net = Vgg16Small::init(&mut StdRng::seed_from_u64(0));
    crate::check!("vgg16_small", net, |net, feed| one(net.forward(feed.floats::<shape![1, 3, 32, 32]>("input"))));
}
