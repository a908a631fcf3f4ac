//! Residual networks (He et al., [Deep Residual Learning](https://arxiv.org/abs/1512.03385), 2015) and their blocks.

pub mod cifar;
pub mod imagenet;

use crate::dim::Dim;
use crate::nn::init::{Fan, gain};
use fusion_macros::model;

model! {
    /// ResNet's basic block: two convolutions of 3 x 3, and their sum with the identity. torchvision's `BasicBlock`.
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
    /// A basic block from `I` to `O` channels that halves the image, around a projection (the paper's option B).
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

model! {
    /// ResNet's bottleneck: a convolution of 1 x 1 to `M` channels, one of 3 x 3, one of 1 x 1 back, and the sum with the
    /// identity. torchvision's `Bottleneck`.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub Bottleneck<C: Dim, M: Dim>: [C, H, W] -> [C, H, W] {
        _ + {
            conv1: Conv2d<_, M, 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, M, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>, Relu,
            conv3: Conv2d<_, C, 1, bias = false>, bn3: BatchNorm2d<_>,
        },
        Relu,
    }
}

model! {
    /// A bottleneck from `I` to `O` channels, whose convolution of 3 x 3 has the stride `S`, around a projection.
    #[init(Conv2d.weight = kaiming_normal(gain::RELU, Fan::Out))]
    pub BottleneckDown<I: Dim, M: Dim, O: Dim, S: Dim>: [I, H, W] {
        {
            conv1: Conv2d<_, M, 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, M, 3, stride = S, padding = 1, bias = false>, bn2: BatchNorm2d<_>, Relu,
            conv3: Conv2d<_, O, 1, bias = false>, bn3: BatchNorm2d<_>,
        } + {
            downsample: { Conv2d<_, O, 1, stride = S, bias = false>, BatchNorm2d<_> },
        },
        Relu,
    }
}
