//! The blocks of residual networks, as several tests build them.

use fusion::prelude::*;

model! {
    /// Two convolutions and the identity.
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
