//! Residual networks for photographs, with torchvision's names.

use super::{Basic, BasicDown, Bottleneck, BottleneckDown};
use crate::dim::Dim;
use crate::nn::init::{Fan, gain};
use fusion_macros::model;

model! {
    /// ResNet-18: He et al., [Deep residual learning for image recognition](https://arxiv.org/abs/1512.03385), 2015.
    ///
    /// For images of at least 32 x 32, made for 224 x 224: 11,689,512 parameters, 1.81 billion multiply-adds. torchvision's
    /// `resnet18`, with its names and starting values: convolutions with variance 2 / fan_out.
    ///
    /// ```
    /// use fusion::models::ResNet18;
    /// use fusion::prelude::*;
    ///
    /// let net = ResNet18::<dim!(10)>::init(&mut StdRng::seed_from_u64(0));
    /// let scores: Tensor<shape![1, 10]> = net.forward(Tensor::<shape![1, 3, 64, 64]>::zeros());
    /// assert_eq!(net.names()[0], "conv1.weight");
    /// println!("{}", net.summary([3, 224, 224]));
    /// ```
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub ResNet18<K: Dim = 1000>: [3, H, W] -> [K] {
        conv1: Conv2d<_, 64, 7, stride = 2, padding = 3, bias = false>, bn1: BatchNorm2d<_>, Relu,
        MaxPool2d<3, stride = 2, padding = 1>,
        layer1: { 2 * Basic<64> },
        layer2: { BasicDown<64, 128>, Basic<128> },
        layer3: { BasicDown<128, 256>, Basic<256> },
        layer4: { BasicDown<256, 512>, Basic<512> },
        GlobalAvgPool2d,
        fc: Linear<512, K>,
    }
}

model! {
    /// ResNet-34: as [`ResNet18`], with more blocks at each size. 21,797,672 parameters, 3.66 billion multiply-adds.
    /// torchvision's `resnet34`.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub ResNet34<K: Dim = 1000>: [3, H, W] -> [K] {
        conv1: Conv2d<_, 64, 7, stride = 2, padding = 3, bias = false>, bn1: BatchNorm2d<_>, Relu,
        MaxPool2d<3, stride = 2, padding = 1>,
        layer1: { 3 * Basic<64> },
        layer2: { BasicDown<64, 128>, 3 * Basic<128> },
        layer3: { BasicDown<128, 256>, 5 * Basic<256> },
        layer4: { BasicDown<256, 512>, 2 * Basic<512> },
        GlobalAvgPool2d,
        fc: Linear<512, K>,
    }
}

model! {
    /// ResNet-50: as [`ResNet34`], with [bottlenecks](Bottleneck) for blocks, which halve the image in their 3 x 3 convolution.
    /// 25,557,032 parameters, 4.09 billion multiply-adds. torchvision's `resnet50`.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub ResNet50<K: Dim = 1000>: [3, H, W] -> [K] {
        conv1: Conv2d<_, 64, 7, stride = 2, padding = 3, bias = false>, bn1: BatchNorm2d<_>, Relu,
        MaxPool2d<3, stride = 2, padding = 1>,
        layer1: { BottleneckDown<64, 64, 256, 1>, 2 * Bottleneck<256, 64> },
        layer2: { BottleneckDown<256, 128, 512, 2>, 3 * Bottleneck<512, 128> },
        layer3: { BottleneckDown<512, 256, 1024, 2>, 5 * Bottleneck<1024, 256> },
        layer4: { BottleneckDown<1024, 512, 2048, 2>, 2 * Bottleneck<2048, 512> },
        GlobalAvgPool2d,
        fc: Linear<2048, K>,
    }
}
