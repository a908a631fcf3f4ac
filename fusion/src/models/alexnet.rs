//! AlexNet, with torchvision's names.

use crate::dim::Dim;
use fusion_macros::model;

model! {
    /// AlexNet in its later form: Krizhevsky, [One weird trick for parallelizing convolutional neural networks](https://arxiv.org/abs/1404.5997), 2014.
    ///
    /// For images of at least 63 x 63, made for 224 x 224: 61,100,840 parameters, 714 million multiply-adds. torchvision's
    /// `alexnet`, with its names; layers start as PyTorch's do, and so there.
    ///
    /// ```
    /// use fusion::models::AlexNet;
    /// use fusion::nn::{Cost, cost};
    /// use fusion::prelude::*;
    ///
    /// const COST: Cost = cost::<AlexNet, Tensor<shape![1, 3, 224, 224]>>();
    /// assert_eq!((COST.parameters, COST.multiply_adds), (Some(61_100_840), Some(714_188_480)));
    /// ```
    pub AlexNet<K: Dim = 1000>: [3, H, W] -> [K] {
        features: {
            Conv2d<_, 64, 11, stride = 4, padding = 2>, Relu, MaxPool2d<3, stride = 2>,
            Conv2d<_, 192, 5, padding = 2>, Relu, MaxPool2d<3, stride = 2>,
            Conv2d<_, 384, 3, padding = 1>, Relu,
            Conv2d<_, 256, 3, padding = 1>, Relu,
            Conv2d<_, 256, 3, padding = 1>, Relu, MaxPool2d<3, stride = 2>,
        },
        avgpool: AdaptiveAvgPool2d<6>,
        Flatten,
        classifier: { Dropout, Linear<_, 4096>, Relu, Dropout, Linear<_, 4096>, Relu, Linear<_, K> },
    }
}
