//! Densely connected networks, with torchvision's names.

use crate::dim::Dim;
use fusion_macros::model;

model! {
    /// A layer of a dense block: joins 32 new channels to its `I`. torchvision's `_DenseLayer`.
    #[init(Conv2d.weight = kaiming_normal)]
    pub Dense<I: Dim>: [I, H, W] {
        _ | {
            norm1: BatchNorm2d<_>, Relu, conv1: Conv2d<_, 128, 1, bias = false>,
            norm2: BatchNorm2d<_>, Relu, conv2: Conv2d<_, 32, 3, padding = 1, bias = false>,
        },
    }
}

model! {
    /// DenseNet-121: Huang et al., [Densely connected convolutional networks](https://arxiv.org/abs/1608.06993), 2016. Every layer
    /// of a block sees what all before it gave.
    ///
    /// For images of at least 32 x 32, made for 224 x 224: 7,978,856 parameters, 2.83 billion multiply-adds. torchvision's
    /// `densenet121`, with its names and starting values: convolutions with variance 2 / fan_in, the last bias at 0.
    #[init(Conv2d.weight = kaiming_normal, Linear.bias = zeros)]
    pub DenseNet121<K: Dim = 1000>: [3, H, W] -> [K] {
        features: {
            conv0: Conv2d<_, 64, 7, stride = 2, padding = 3, bias = false>, norm0: BatchNorm2d<_>, Relu,
            MaxPool2d<3, stride = 2, padding = 1>,
            denseblock1: {
                denselayer1: Dense<64>, denselayer2: Dense<96>, denselayer3: Dense<128>, denselayer4: Dense<160>,
                denselayer5: Dense<192>, denselayer6: Dense<224>,
            },
            transition1: { norm: BatchNorm2d<256>, Relu, conv: Conv2d<256, 128, 1, bias = false>, AvgPool2d<2> },
            denseblock2: {
                denselayer1: Dense<128>, denselayer2: Dense<160>, denselayer3: Dense<192>, denselayer4: Dense<224>,
                denselayer5: Dense<256>, denselayer6: Dense<288>, denselayer7: Dense<320>, denselayer8: Dense<352>,
                denselayer9: Dense<384>, denselayer10: Dense<416>, denselayer11: Dense<448>, denselayer12: Dense<480>,
            },
            transition2: { norm: BatchNorm2d<512>, Relu, conv: Conv2d<512, 256, 1, bias = false>, AvgPool2d<2> },
            denseblock3: {
                denselayer1: Dense<256>, denselayer2: Dense<288>, denselayer3: Dense<320>, denselayer4: Dense<352>,
                denselayer5: Dense<384>, denselayer6: Dense<416>, denselayer7: Dense<448>, denselayer8: Dense<480>,
                denselayer9: Dense<512>, denselayer10: Dense<544>, denselayer11: Dense<576>, denselayer12: Dense<608>,
                denselayer13: Dense<640>, denselayer14: Dense<672>, denselayer15: Dense<704>, denselayer16: Dense<736>,
                denselayer17: Dense<768>, denselayer18: Dense<800>, denselayer19: Dense<832>, denselayer20: Dense<864>,
                denselayer21: Dense<896>, denselayer22: Dense<928>, denselayer23: Dense<960>, denselayer24: Dense<992>,
            },
            transition3: { norm: BatchNorm2d<1024>, Relu, conv: Conv2d<1024, 512, 1, bias = false>, AvgPool2d<2> },
            denseblock4: {
                denselayer1: Dense<512>, denselayer2: Dense<544>, denselayer3: Dense<576>, denselayer4: Dense<608>,
                denselayer5: Dense<640>, denselayer6: Dense<672>, denselayer7: Dense<704>, denselayer8: Dense<736>,
                denselayer9: Dense<768>, denselayer10: Dense<800>, denselayer11: Dense<832>, denselayer12: Dense<864>,
                denselayer13: Dense<896>, denselayer14: Dense<928>, denselayer15: Dense<960>, denselayer16: Dense<992>,
            },
            norm5: BatchNorm2d<1024>, Relu,
        },
        GlobalAvgPool2d,
        classifier: Linear<1024, K>,
    }
}
