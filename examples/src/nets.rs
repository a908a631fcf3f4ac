//! The image network that is measured and is in no library, as the peers' programs have it.

use fusion::prelude::*;

model! {
    /// LeNet as in PyTorch's `mnist` example.
    pub LeNet: [1, 28, 28] -> [10] {
        conv1: Conv2d<_, 32, 3>, Relu,
        conv2: Conv2d<_, 64, 3>, Relu,
        MaxPool2d<2>,
        Flatten,
        fc1: Linear<_, 128>, Relu,
        fc2: Linear<_, 10>,
    }
}
