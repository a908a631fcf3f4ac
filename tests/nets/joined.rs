//! Joins along the channels: an Inception block, a DenseNet block, a U-Net, a network of two inputs.

use crate::formula::one;
use fusion::prelude::*;

model! {
    Unit<I: Dim, O: Dim, K: Dim, P: Dim>: [I, H, W] {
        conv: Conv2d<_, O, K, padding = P, bias = false>, bn: BatchNorm2d<_>, Relu,
    }
}

model! {
    /// GoogLeNet's block 3a.
    Inception: [192, 8, 8] -> [256, 8, 8] {
        { branch1: Unit<192, 64, 1, 0> }
            | { branch2: { Unit<192, 96, 1, 0>, Unit<96, 128, 3, 1> } }
            | { branch3: { Unit<192, 16, 1, 0>, Unit<16, 32, 5, 2> } }
            | { branch4: { MaxPool2d<3, stride = 1, padding = 1>, Unit<192, 32, 1, 0> } },
    }
}

model! {
    /// Gives its input and, joined to it, 12 more channels.
    Dense<I: Dim>: [I, H, W] {
        _ | {
            norm1: BatchNorm2d<_>, Relu, conv1: Conv2d<_, 48, 1, bias = false>,
            norm2: BatchNorm2d<_>, Relu, conv2: Conv2d<_, 12, 3, padding = 1, bias = false>,
        },
    }
}

model! {
    DenseNet: [24, 8, 8] -> [30, 4, 4] {
        denseblock1: { denselayer1: Dense<24>, denselayer2: Dense<36>, denselayer3: Dense<48> },
        transition1: { norm: BatchNorm2d<_>, Relu, conv: Conv2d<_, 30, 1, bias = false>, AvgPool2d<2> },
    }
}

model! {
    Double<I: Dim, O: Dim>: [I, H, W] -> [O, H, W] {
        conv1: Conv2d<_, O, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
        conv2: Conv2d<_, O, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>, Relu,
    }
}

model! {
    UNet: [1, 28, 28] -> [2, 28, 28] {
        enc1: Double<1, 16>,
        _ | {
            MaxPool2d<2>, enc2: Double<16, 32>,
            _ | { MaxPool2d<2>, mid: Double<32, 64>, up2: ConvTranspose2d<_, 32, 2, stride = 2> },
            dec2: Double<64, 32>,
            up1: { Upsample<2>, Conv2d<_, 16, 1> },
        },
        dec1: Double<32, 16>,
        out: Conv2d<_, 2, 1>,
    }
}

#[test]
fn inception() {
    let net = Inception::init(&mut StdRng::seed_from_u64(0));
    crate::check!("inception", net, |net, feed| one(net.forward(feed.floats::<shape![2, 192, 8, 8]>("input"))));
}

#[test]
fn densenet() {
    let net = DenseNet::init(&mut StdRng::seed_from_u64(0));
    crate::check!("densenet", net, |net, feed| one(net.forward(feed.floats::<shape![2, 24, 8, 8]>("input"))));
}

#[test]
fn unet() {
    let net = UNet::init(&mut StdRng::seed_from_u64(0));
    crate::check!("unet", net, |net, feed| one(net.forward(feed.floats::<shape![2, 1, 28, 28]>("input"))));
}

model! {
    Eye: [3, 8, 8] -> [16] {
        conv1: Conv2d<_, 8, 3, padding = 1>, Relu, MaxPool2d<2>,
        conv2: Conv2d<_, 16, 3, padding = 1>, Relu, GlobalAvgPool2d,
    }
}

model! { Facts: [5] -> [8] { Linear<_, 8>, Relu } }

model! { Judge: [24] -> [4] { Linear<_, 16>, Relu, Linear<_, 4> } }

/// An image and a vector, each with its part; their features are joined for an MLP.
#[derive(Module)]
struct TwoInputs {
    eye: Eye,
    facts: Facts,
    judge: Judge,
}

impl<B: Dim> Forward<(Tensor<shape![B, 3, 8, 8]>, Tensor<shape![B, 5]>)> for TwoInputs {
    type Output = Tensor<shape![B, 4]>;

    fn forward(&self, (image, facts): (Tensor<shape![B, 3, 8, 8]>, Tensor<shape![B, 5]>)) -> Self::Output {
        self.judge.forward(self.eye.forward(image).concat(&self.facts.forward(facts), Axis::<1>))
    }
}

#[test]
fn two_inputs() {
    let net = TwoInputs::init(&mut StdRng::seed_from_u64(0));
    crate::check!("two_inputs", net, |net, feed| {
        let (image, facts) = (feed.floats::<shape![2, 3, 8, 8]>("image"), feed.floats::<shape![2, 5]>("facts"));
        one(net.forward((image, facts)))
    });
}
