use fusion::models::yolo::SameMaxPool2d;
use fusion::prelude::*;

model! {
    /// As its `.cfg` describes it.
    ///
    /// `conv15`: boxes of 81 x 82, 135 x 169, 344 x 319 pixels, 80 classes.
    ///
    /// `conv22`: boxes of 10 x 14, 23 x 27, 37 x 58 pixels, 80 classes.
    pub YoloV3Tiny: [3, 416, 416] -> { conv15: [255, 13, 13], conv22: [255, 26, 26] } {
        conv0: Conv2d<_, 16, 3, padding = 1, bias = false>, bn0: BatchNorm2d<_>, LeakyRelu<0.1>,
        MaxPool2d<2>,
        conv2: Conv2d<_, 32, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>, LeakyRelu<0.1>,
        MaxPool2d<2>,
        conv4: Conv2d<_, 64, 3, padding = 1, bias = false>, bn4: BatchNorm2d<_>, LeakyRelu<0.1>,
        MaxPool2d<2>,
        conv6: Conv2d<_, 128, 3, padding = 1, bias = false>, bn6: BatchNorm2d<_>, LeakyRelu<0.1>,
        MaxPool2d<2>,
        conv8: Conv2d<_, 256, 3, padding = 1, bias = false>, bn8: BatchNorm2d<_>, act8: LeakyRelu<0.1>,
        MaxPool2d<2>,
        conv10: Conv2d<_, 512, 3, padding = 1, bias = false>, bn10: BatchNorm2d<_>, LeakyRelu<0.1>,
        SameMaxPool2d<2>,
        conv12: Conv2d<_, 1024, 3, padding = 1, bias = false>, bn12: BatchNorm2d<_>, LeakyRelu<0.1>,
        conv13: Conv2d<_, 256, 1, bias = false>, bn13: BatchNorm2d<_>, act13: LeakyRelu<0.1>,
        conv14: Conv2d<_, 512, 3, padding = 1, bias = false>, bn14: BatchNorm2d<_>, LeakyRelu<0.1>,
        conv15: Conv2d<_, 255, 1>,
        @act13,
        conv18: Conv2d<_, 128, 1, bias = false>, bn18: BatchNorm2d<_>, LeakyRelu<0.1>,
        Upsample<2>,
        _ | @act8,
        conv21: Conv2d<_, 256, 3, padding = 1, bias = false>, bn21: BatchNorm2d<_>, LeakyRelu<0.1>,
        conv22: Conv2d<_, 255, 1>,
    }
}
