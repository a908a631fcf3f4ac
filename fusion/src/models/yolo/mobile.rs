//! Small detectors on inverted residuals (Sandler et al., [MobileNetV2](https://arxiv.org/abs/1801.04381), 2018), as
//! [MobileNet-Yolo](https://github.com/dog-qiuqiu/MobileNet-Yolo) has them.

use super::{Classes, SqueezeExcitation};
use crate::dim::{Dim, Groups};
use fusion_macros::model;

model! {
    /// A convolution of 1 x 1 without a bias, a batch norm, and ReLU.
    pub Point<I: Dim, O: Dim>: [I, H, W] { conv: Conv2d<_, O, 1, bias = false>, bn: BatchNorm2d<_>, Relu }
}

model! {
    /// [`Point`] without ReLU.
    pub Project<I: Dim, O: Dim>: [I, H, W] { conv: Conv2d<_, O, 1, bias = false>, bn: BatchNorm2d<_> }
}

model! {
    /// A window of 3 x 3 for each channel alone, a batch norm, and ReLU.
    pub Depthwise<C: Dim + Groups, S: Dim>: [C, H, W] {
        conv: Conv2d<_, C, 3, stride = S, padding = 1, groups = C, bias = false>, bn: BatchNorm2d<_>, Relu,
    }
}

model! {
    /// What the image is first seen with: `C` channels of half its size, then `O`.
    pub Stem<C: Dim + Groups, O: Dim>: [3, H, W] {
        conv: Conv2d<_, C, 3, stride = 2, padding = 1, bias = false>, bn: BatchNorm2d<_>, Relu,
        Depthwise<C, 1>, Project<C, O>,
    }
}

model! {
    /// An inverted residual block without its residual: `I` channels become `M`, go through a window each, and become `O`.
    pub Inverted<I: Dim, M: Dim + Groups, O: Dim, S: Dim>: [I, H, W] { Point<I, M>, Depthwise<M, S>, Project<M, O> }
}

model! {
    /// [`Inverted`] and the sum with the identity.
    pub InvertedResidual<C: Dim, M: Dim + Groups>: [C, H, W] -> [C, H, W] {
        _ + { Point<C, M>, Depthwise<M, 1>, Project<M, C> },
    }
}

model! {
    /// A half of [`Inverted`]: `C` channels go through a window each that halves the image, and become `O`.
    pub Down<C: Dim + Groups, O: Dim>: [C, H, W] { Depthwise<C, 2>, Project<C, O> }
}

model! {
    /// A head: each channel's surroundings, `O` channels, then boxes.
    pub Head<C: Dim + Groups, O: Dim, K: Classes>: [C, H, W] {
        Depthwise<C, 1>, Point<C, O>, conv: Conv2d<O, <K as Classes>::Channels, 1>,
    }
}

model! {
    /// [`Head`] whose channels are weighted first.
    pub ExcitedHead<C: Dim + Groups, M: Dim, O: Dim, K: Classes>: [C, H, W] {
        excite: SqueezeExcitation<C, M>, head: Head<C, O, K>,
    }
}

model! {
    /// [`Head`] with `L` channels before the boxes.
    pub WideHead<C: Dim + Groups, O: Dim, L: Dim, K: Classes>: [C, H, W] {
        Depthwise<C, 1>, Point<C, O>, Point<O, L>, conv: Conv2d<L, <K as Classes>::Channels, 1>,
    }
}

model! {
    /// A detector of faces with 122,672 parameters, made for images of 256 x 320 (height and width a multiple of 32): `yoloface-500k`,
    /// trained on WIDER FACE.
    ///
    /// It gives three boxes at each place of three grids, with strides 16, 8 and 4: `[B, 3 · (5 + K), H / 16, W / 16]` and so on.
    ///
    /// ```
    /// use fusion::models::{YoloFace500k, YoloFace500kOutput};
    /// use fusion::prelude::*;
    ///
    /// let net = YoloFace500k::init(&mut StdRng::seed_from_u64(0));
    /// let YoloFace500kOutput { large, medium, small } = net.forward(Tensor::<shape![1, 3, 64, 96]>::zeros());
    /// let large: Tensor<shape![1, 18, 4, 6]> = large;
    /// let (medium, small): (Tensor<shape![1, 18, 8, 12]>, Tensor<shape![1, 18, 16, 24]>) = (medium, small);
    /// ```
    pub YoloFace500k<K: Classes = 1>: [3, H, W] -> { large, medium, small } {
        stem: Stem<8, 4>,
        stage2: { Inverted<4, 24, 6, 2>, InvertedResidual<6, 36> },
        fine: Point<6, 36>,
        stage3: { Down<36, 8>, 2 * InvertedResidual<8, 48> },
        middle: Point<8, 48>,
        stage4: { Down<48, 16>, 3 * InvertedResidual<16, 96>, Inverted<16, 96, 24, 1>, 2 * InvertedResidual<24, 144> },
        coarse: Point<24, 144>,
        stage5: { Down<144, 40>, 2 * InvertedResidual<40, 240> },
        point: Point<40, 80>,
        { Upsample<2> } | @coarse,
        neck1: Point<224, 48>,
        large: Head<48, 36, K>,
        @neck1,
        { Upsample<2> } | @middle,
        neck2: Point<96, 24>,
        medium: Head<24, 30, K>,
        @neck2,
        { Upsample<2> } | @fine,
        neck3: Point<60, 18>,
        small: Head<18, 24, K>,
    }
}

model! {
    /// A detector of faces with 99,488 parameters, made for images of 288 x 352 (height and width a multiple of 32):
    /// `yoloface-500k-v2`, trained on WIDER FACE. Where the image becomes smaller, what it was before is joined, halved by the
    /// largest of four; heads weight their channels first ([`SqueezeExcitation`]).
    ///
    /// It gives three boxes at each place of three grids, with strides 32, 16 and 8: `[B, 3 · (5 + K), H / 32, W / 32]` and so on.
    ///
    /// ```
    /// use fusion::models::YoloFace500kV2;
    /// use fusion::prelude::*;
    ///
    /// let net = YoloFace500kV2::init(&mut StdRng::seed_from_u64(0));
    /// let y = net.forward(Tensor::<shape![1, 3, 64, 96]>::zeros());
    /// let large: Tensor<shape![1, 18, 2, 3]> = y.large;
    /// ```
    pub YoloFace500kV2<K: Classes = 1>: [3, H, W] -> { large, medium, small } {
        stem: Stem<8, 4>,
        wide2: Point<4, 18>,
        stage2: { Depthwise<18, 2>, Project<18, 6>, InvertedResidual<6, 36>, Point<6, 18> },
        { @wide2, MaxPool2d<2> } | @stage2,
        wide3: Point<36, 24>,
        stage3: { Down<24, 8>, 2 * InvertedResidual<8, 48>, Point<8, 24> },
        { @wide3, MaxPool2d<2> } | @stage3,
        fine: Point<48, 48>,
        stage4: { Down<48, 16>, 3 * InvertedResidual<16, 96>, Point<16, 48> },
        { @fine, MaxPool2d<2> } | @stage4,
        middle: Point<96, 96>,
        stage5: { Down<96, 24>, 2 * InvertedResidual<24, 144>, Point<24, 96> },
        { @middle, MaxPool2d<2> } | @stage5,
        neck1: Point<192, 72>,
        large: ExcitedHead<72, 36, 48, K>,
        @neck1,
        { Upsample<2> } | @middle,
        neck2: Point<168, 48>,
        medium: ExcitedHead<48, 24, 36, K>,
        @neck2,
        { Upsample<2> } | @fine,
        neck3: Point<96, 24>,
        small: ExcitedHead<24, 12, 30, K>,
    }
}

model! {
    /// MobileNetV2-YOLOv3-Nano, made for images of 320 x 320 (height and width a multiple of 32): 873,150 parameters for the eighty
    /// classes of COCO, 751,830 for the twenty of PASCAL VOC.
    ///
    /// It gives three boxes at each place of two grids, with strides 32 and 16: `[B, 3 · (5 + K), H / 32, W / 32]` and so on.
    ///
    /// ```
    /// use fusion::models::YoloV3Nano;
    /// use fusion::prelude::*;
    ///
    /// let net = YoloV3Nano::<dim!(20)>::init(&mut StdRng::seed_from_u64(0)); // PASCAL VOC
    /// let y = net.forward(Tensor::<shape![1, 3, 64, 96]>::zeros());
    /// let (large, medium): (Tensor<shape![1, 75, 2, 3]>, Tensor<shape![1, 75, 4, 6]>) = (y.large, y.medium);
    /// ```
    pub YoloV3Nano<K: Classes = 80>: [3, H, W] -> { large, medium } {
        stem: Stem<16, 8>,
        stage2: { Inverted<8, 48, 12, 2>, InvertedResidual<12, 72>, Point<12, 72> },
        stage3: { Down<72, 16>, 2 * InvertedResidual<16, 96>, Point<16, 96> },
        stage4: { Down<96, 32>, 3 * InvertedResidual<32, 192>, Inverted<32, 192, 48, 1>, 2 * InvertedResidual<48, 288> },
        middle: Point<48, 288>,
        stage5: { Down<288, 80>, 2 * InvertedResidual<80, 480> },
        MaxPool2d<9, stride = 1, padding = 4> | MaxPool2d<5, stride = 1, padding = 2>
            | MaxPool2d<3, stride = 1, padding = 1> | _,
        neck1: Point<320, 288>,
        large: WideHead<288, 96, 384, K>,
        @neck1,
        { Upsample<2> } | @middle,
        neck2: { Point<576, 80>, Point<80, 288> },
        medium: WideHead<288, 192, 288, K>,
    }
}
