//! MobileNets, with torchvision's names.

use crate::dim::{Dim, Groups};
use crate::nn::init::{Fan, gain};
use fusion_macros::model;

model! {
    /// A convolution of `A` x `A` without a bias, a batch norm, and ReLU of at most 6.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub Unit<I: Dim, O: Dim, A: Dim, S: Dim, P: Dim>: [I, H, W] {
        Conv2d<_, O, A, stride = S, padding = P, bias = false>, BatchNorm2d<_>, Relu6,
    }
}

model! {
    /// The same with a window of 3 x 3 for each channel alone; `C` is the number of groups, too.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub Depthwise<C: Groups, S: Dim>: [C, H, W] {
        Conv2d<_, C, 3, stride = S, padding = 1, groups = C, bias = false>, BatchNorm2d<_>, Relu6,
    }
}

model! {
    /// An inverted residual block without its residual: `I` channels become `M`, go through a window each, and become `O`.
    /// torchvision's `InvertedResidual`.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub Inverted<I: Dim, M: Groups, O: Dim, S: Dim>: [I, H, W] {
        conv: { Unit<I, M, 1, 1, 0>, Depthwise<M, S>, Conv2d<M, O, 1, bias = false>, BatchNorm2d<O> },
    }
}

model! {
    /// [`Inverted`] and the sum with the identity.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub InvertedResidual<C: Dim, M: Groups>: [C, H, W] -> [C, H, W] {
        _ + { conv: { Unit<C, M, 1, 1, 0>, Depthwise<M, 1>, Conv2d<M, C, 1, bias = false>, BatchNorm2d<C> } },
    }
}

model! {
    /// MobileNetV2's first block, which makes no channels between.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub First<I: Groups, O: Dim>: [I, H, W] {
        conv: { Depthwise<I, 1>, Conv2d<I, O, 1, bias = false>, BatchNorm2d<O> },
    }
}

model! {
    /// MobileNetV2: Sandler et al., [MobileNetV2: inverted residuals and linear
    /// bottlenecks](https://arxiv.org/abs/1801.04381), 2018.
    ///
    /// For images of at least 32 x 32, made for 224 x 224: 3,504,872 parameters, 301 million multiply-adds. torchvision's
    /// `mobilenet_v2`, with its names and starting values: convolutions with variance 2 / fan_out, the last layer with a standard
    /// deviation of 0.01, its bias at 0.
    #[init(Linear.weight = normal(0.0, 0.01), Linear.bias = zeros)]
    pub MobileNetV2<K: Dim = 1000>: [3, H, W] -> [K] {
        features: {
            Unit<3, 32, 3, 2, 1>,
            First<32, 16>,
            Inverted<16, 96, 24, 2>, InvertedResidual<24, 144>,
            Inverted<24, 144, 32, 2>, 2 * InvertedResidual<32, 192>,
            Inverted<32, 192, 64, 2>, 3 * InvertedResidual<64, 384>,
            Inverted<64, 384, 96, 1>, 2 * InvertedResidual<96, 576>,
            Inverted<96, 576, 160, 2>, 2 * InvertedResidual<160, 960>,
            Inverted<160, 960, 320, 1>,
            Unit<320, 1280, 1, 1, 0>,
        },
        GlobalAvgPool2d,
        classifier: { Dropout<0.2>, Linear<1280, K> },
    }
}
