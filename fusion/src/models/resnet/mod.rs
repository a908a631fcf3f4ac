//! Residual networks (He et al., [Deep Residual Learning](https://arxiv.org/abs/1512.03385), 2015) and their blocks.

pub mod cifar;

use crate::dim::Dim;
use crate::nn::init::{Fan, gain};
use fusion_macros::model;

model! {
    /// Two convolutions around the identity.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub Basic<C: Dim>: [C, H, W] -> [C, H, W] {
        _ + {
            conv1: Conv2d<_, C, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, C, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>,
        },
        Relu,
    }
}

model! {
    /// Two convolutions, the first of which halves the image, around a projection.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub BasicDown<I: Dim, O: Dim>: [I, H, W] {
        {
            conv1: Conv2d<_, O, 3, stride = 2, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, O, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>,
        } + {
            downsample: { Conv2d<_, O, 1, stride = 2, bias = false>, BatchNorm2d<_> },
        },
        Relu,
    }
}
