//! Sums of branches: ResNet-18, -34 and -50 in torchvision's names, Darknet-53 with three outputs.

use crate::blocks::{Basic, BasicDown};
use crate::formula::one;
use fusion::prelude::*;

model! {
    ResNet18: [3, 64, 64] -> [1000] {
        conv1: Conv2d<_, 64, 7, stride = 2, padding = 3, bias = false>, bn1: BatchNorm2d<_>, Relu,
        MaxPool2d<3, stride = 2, padding = 1>,
        layer1: { 2 * Basic<64> },
        layer2: { BasicDown<64, 128>, 1 * Basic<128> },
        layer3: { BasicDown<128, 256>, 1 * Basic<256> },
        layer4: { BasicDown<256, 512>, 1 * Basic<512> },
        GlobalAvgPool2d,
        fc: Linear<_, 1000>,
    }
}

model! {
    /// For images of any size.
    ResNet34: [3, H, W] -> [1000] {
        conv1: Conv2d<_, 64, 7, stride = 2, padding = 3, bias = false>, bn1: BatchNorm2d<_>, Relu,
        MaxPool2d<3, stride = 2, padding = 1>,
        layer1: { 3 * Basic<64> },
        layer2: { BasicDown<64, 128>, 3 * Basic<128> },
        layer3: { BasicDown<128, 256>, 5 * Basic<256> },
        layer4: { BasicDown<256, 512>, 2 * Basic<512> },
        GlobalAvgPool2d,
        fc: Linear<512, 1000>,
    }
}

model! {
    /// `C` channels inside, `O` outside.
    Bottleneck<C: Dim, O: Dim>: [O, H, W] -> [O, H, W] {
        _ + {
            conv1: Conv2d<_, C, 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, C, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>, Relu,
            conv3: Conv2d<_, O, 1, bias = false>, bn3: BatchNorm2d<_>,
        },
        Relu,
    }
}

model! {
    BottleneckDown<I: Dim, C: Dim, O: Dim, S: Dim>: [I, H, W] {
        {
            conv1: Conv2d<_, C, 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, C, 3, stride = S, padding = 1, bias = false>, bn2: BatchNorm2d<_>, Relu,
            conv3: Conv2d<_, O, 1, bias = false>, bn3: BatchNorm2d<_>,
        } + {
            downsample: { Conv2d<_, O, 1, stride = S, bias = false>, BatchNorm2d<_> },
        },
        Relu,
    }
}

model! {
    ResNet50: [3, 64, 64] -> [1000] {
        conv1: Conv2d<_, 64, 7, stride = 2, padding = 3, bias = false>, bn1: BatchNorm2d<_>, Relu,
        MaxPool2d<3, stride = 2, padding = 1>,
        layer1: { BottleneckDown<64, 64, 256, 1>, 2 * Bottleneck<64, 256> },
        layer2: { BottleneckDown<256, 128, 512, 2>, 3 * Bottleneck<128, 512> },
        layer3: { BottleneckDown<512, 256, 1024, 2>, 5 * Bottleneck<256, 1024> },
        layer4: { BottleneckDown<1024, 512, 2048, 2>, 2 * Bottleneck<512, 2048> },
        GlobalAvgPool2d,
        fc: Linear<_, 1000>,
    }
}

model! {
    Unit<I: Dim, O: Dim, K: Dim, S: Dim, P: Dim>: [I, H, W] {
        conv: Conv2d<_, O, K, stride = S, padding = P, bias = false>, bn: BatchNorm2d<_>,
        LeakyRelu<negative_slope = 0.1>,
    }
}

model! {
    /// Half the channels and back.
    Residual<C: Dim, HALF: Dim>: [C, H, W] -> [C, H, W] {
        _ + { one: Unit<C, HALF, 1, 1, 0>, two: Unit<HALF, C, 3, 1, 1> },
    }
}

model! {
    Darknet53: [3, 64, 64] -> { p3: [256, 8, 8], p4: [512, 4, 4], p5: [1024, 2, 2] } {
        stem: Unit<3, 32, 3, 1, 1>,
        p1: { Unit<32, 64, 3, 2, 1>, 1 * Residual<64, 32> },
        p2: { Unit<64, 128, 3, 2, 1>, 2 * Residual<128, 64> },
        p3: { Unit<128, 256, 3, 2, 1>, 8 * Residual<256, 128> },
        p4: { Unit<256, 512, 3, 2, 1>, 8 * Residual<512, 256> },
        p5: { Unit<512, 1024, 3, 2, 1>, 4 * Residual<1024, 512> },
    }
}

#[test]
fn resnet18() {
    let net = ResNet18::init(&mut StdRng::seed_from_u64(0));
    crate::check!("resnet18", net, |net, feed| one(net.forward(feed.floats::<shape![2, 3, 64, 64]>("input"))));
}

#[test]
fn resnet34() {
    let net = ResNet34::init(&mut StdRng::seed_from_u64(0));
    crate::check!("resnet34", net, |net, feed| one(net.forward(feed.floats::<shape![2, 3, 64, 64]>("photo"))));
}

#[test]
fn resnet50() {
    let net = ResNet50::init(&mut StdRng::seed_from_u64(0));
    crate::check!("resnet50", net, |net, feed| one(net.forward(feed.floats::<shape![Dyn, 3, 64, 64]>("photo"))));
}

#[test]
fn darknet53() {
    let net = Darknet53::init(&mut StdRng::seed_from_u64(0));
    crate::check!("darknet53", net, |net, feed| {
        let y = net.forward(feed.floats::<shape![2, 3, 64, 64]>("photo278"));
        vec![("p3", y.p3.into_value()), ("p4", y.p4.into_value()), ("p5", y.p5.into_value())]
    });
}
