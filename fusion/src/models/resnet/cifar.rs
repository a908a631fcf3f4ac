//! Residual networks for images of 32 x 32, such as CIFAR's.

use super::{Basic, BasicDown};
use crate::dim::Dim;
use crate::nn::init::{Fan, gain};
use fusion_macros::model;

model! {
    /// ResNet-20 for images of 32 x 32: He et al., [Deep residual learning](https://arxiv.org/abs/1512.03385), 2015, section 4.2, with three blocks at each of three sizes.
    ///
    /// It has 272,474 parameters and makes 40.8 million multiply-adds. Where the image is halved, the shortcut is a projection (the
    /// paper's option B), not a choice of pixels with zeros for new channels (option A, 0.27 million parameters): so do the
    /// weights that are published for PyTorch, whose names are these. Convolutions start with variance 2 / fan_out, as
    /// torchvision's residual networks do.
    ///
    /// ```
    /// use fusion::models::ResNet20;
    /// use fusion::prelude::*;
    ///
    /// let rng = &mut StdRng::seed_from_u64(0);
    /// let scores: Tensor<shape![2, 10]> = ResNet20::init(rng).forward(Tensor::<shape![2, 3, 32, 32]>::zeros());
    /// // For CIFAR-100:
    /// let net = ResNet20::<dim!(100)>::init(rng);
    /// assert_eq!(net.names()[0], "conv1.weight");
    /// ```
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub ResNet20<K: Dim = 10>: [3, H, W] -> [K] {
        conv1: Conv2d<_, 16, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
        layer1: { 3 * Basic<16> },
        layer2: { BasicDown<16, 32>, 2 * Basic<32> },
        layer3: { BasicDown<32, 64>, 2 * Basic<64> },
        GlobalAvgPool2d,
        fc: Linear<64, K>,
    }
}

model! {
    /// ResNet-32: as [`ResNet20`], with five blocks at each size. It has 466,906 parameters and makes 69.1 million multiply-adds.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub ResNet32<K: Dim = 10>: [3, H, W] -> [K] {
        conv1: Conv2d<_, 16, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
        layer1: { 5 * Basic<16> },
        layer2: { BasicDown<16, 32>, 4 * Basic<32> },
        layer3: { BasicDown<32, 64>, 4 * Basic<64> },
        GlobalAvgPool2d,
        fc: Linear<64, K>,
    }
}

model! {
    /// ResNet-56: as [`ResNet20`], with nine blocks at each size. It has 855,770 parameters and makes 125.7 million multiply-adds.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub ResNet56<K: Dim = 10>: [3, H, W] -> [K] {
        conv1: Conv2d<_, 16, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
        layer1: { 9 * Basic<16> },
        layer2: { BasicDown<16, 32>, 8 * Basic<32> },
        layer3: { BasicDown<32, 64>, 8 * Basic<64> },
        GlobalAvgPool2d,
        fc: Linear<64, K>,
    }
}
