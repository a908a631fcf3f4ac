//! VGG's networks, with torchvision's names.

use crate::dim::Dim;
use crate::nn::init::{Fan, gain};
use fusion_macros::model;

model! {
    /// VGG-16, of sixteen layers with weights: Simonyan and Zisserman, [Very deep convolutional networks for large-scale image recognition](https://arxiv.org/abs/1409.1556), 2014 (configuration D).
    ///
    /// For images of at least 32 x 32, made for 224 x 224: 138,357,544 parameters, 15.5 billion multiply-adds. torchvision's
    /// `vgg16`, with its names and starting values: convolutions with variance 2 / fan_out, linear layers with a standard
    /// deviation of 0.01, biases at 0.
    #[init(
        Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out),
        Linear.weight = normal(0.0, 0.01),
        bias = zeros,
    )]
    pub Vgg16<K: Dim = 1000>: [3, H, W] -> [K] {
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
        avgpool: AdaptiveAvgPool2d<7>,
        Flatten,
        classifier: { Linear<_, 4096>, Relu, Dropout, Linear<_, 4096>, Relu, Dropout, Linear<_, K> },
    }
}

model! {
    /// [`Vgg16`] with a batch norm behind each convolution: 138,365,992 parameters, 15.5 billion multiply-adds. torchvision's
    /// `vgg16_bn`.
    #[init(
        Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out),
        Linear.weight = normal(0.0, 0.01),
        bias = zeros,
    )]
    pub Vgg16Bn<K: Dim = 1000>: [3, H, W] -> [K] {
        features: {
            Conv2d<_, 64, 3, padding = 1>, BatchNorm2d<_>, Relu,
            Conv2d<_, 64, 3, padding = 1>, BatchNorm2d<_>, Relu, MaxPool2d<2>,
            Conv2d<_, 128, 3, padding = 1>, BatchNorm2d<_>, Relu,
            Conv2d<_, 128, 3, padding = 1>, BatchNorm2d<_>, Relu, MaxPool2d<2>,
            Conv2d<_, 256, 3, padding = 1>, BatchNorm2d<_>, Relu,
            Conv2d<_, 256, 3, padding = 1>, BatchNorm2d<_>, Relu,
            Conv2d<_, 256, 3, padding = 1>, BatchNorm2d<_>, Relu, MaxPool2d<2>,
            Conv2d<_, 512, 3, padding = 1>, BatchNorm2d<_>, Relu,
            Conv2d<_, 512, 3, padding = 1>, BatchNorm2d<_>, Relu,
            Conv2d<_, 512, 3, padding = 1>, BatchNorm2d<_>, Relu, MaxPool2d<2>,
            Conv2d<_, 512, 3, padding = 1>, BatchNorm2d<_>, Relu,
            Conv2d<_, 512, 3, padding = 1>, BatchNorm2d<_>, Relu,
            Conv2d<_, 512, 3, padding = 1>, BatchNorm2d<_>, Relu, MaxPool2d<2>,
        },
        avgpool: AdaptiveAvgPool2d<7>,
        Flatten,
        classifier: { Linear<_, 4096>, Relu, Dropout, Linear<_, 4096>, Relu, Dropout, Linear<_, K> },
    }
}
