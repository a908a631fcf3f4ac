//! A small network that learns CIFAR-10 fast.

use crate::dim::Dim;
use fusion_macros::model;

model! {
    /// Two convolutions of `O` channels that halve the image, of [`SpeedNet`].
    pub SpeedGroup<I: Dim, O: Dim>: [I, H, W] {
        conv1: Conv2d<_, O, 3, padding = 1, bias = false>, MaxPool2d<2>, norm1: BatchNorm2d<_>, Gelu,
        conv2: Conv2d<_, O, 3, padding = 1, bias = false>, norm2: BatchNorm2d<_>, Gelu,
    }
}

model! {
    /// The network of K. Jordan, [94% on CIFAR-10 in 3.29 Seconds on a Single GPU](https://arxiv.org/abs/2404.00498), 2024.
    ///
    /// It has 1,972,792 parameters and makes 118 million multiply-adds. The paper divides the scores by 9, gives the first layer
    /// weights that whiten patches of 2 x 2, starts the other convolutions as identities, and trains no weights of norms:
    /// `examples/cifar_speedrun.rs` does all of it. Here layers start as PyTorch's do.
    ///
    /// ```
    /// use fusion::models::SpeedNet;
    /// use fusion::prelude::*;
    ///
    /// let net = SpeedNet::init(&mut StdRng::seed_from_u64(0));
    /// let scores: Tensor<shape![1, 10]> = net.forward(Tensor::<shape![1, 3, 32, 32]>::zeros());
    /// ```
    pub SpeedNet<K: Dim = 10>: [3, 32, 32] -> [K] {
        whiten: Conv2d<_, 24, 2>, Gelu,
        layer1: SpeedGroup<24, 64>,
        layer2: SpeedGroup<64, 256>,
        layer3: SpeedGroup<256, 256>,
        MaxPool2d<3>,
        Flatten,
        head: Linear<256, K, bias = false>,
    }
}
