//! YOLOv3-tiny.

use super::{Classes, SameMaxPool2d, Unit};
use crate::dim::Dim;
use fusion_macros::model;

model! {
    /// A head: `D` channels with what is around, then boxes.
    pub Head<C: Dim, D: Dim, K: Classes>: [C, H, W] {
        Unit<C, D, 3, 1, 1>,
        conv: Conv2d<D, <K as Classes>::Channels, 1>,
    }
}

model! {
    /// YOLOv3-tiny: seven convolutions with a pooling behind each, and two heads.
    ///
    /// It takes images whose height and width are a multiple of 32, made for 416 x 416, and gives three boxes at each place of two
    /// grids, with strides 32 and 16: `[B, 3 · (5 + K), H / 32, W / 32]` and so on. With the eighty classes of COCO it has 8,852,366
    /// parameters and makes 2.8 billion multiply-adds for 416 x 416.
    ///
    /// ```
    /// use fusion::models::YoloV3Tiny;
    /// use fusion::prelude::*;
    ///
    /// let net = YoloV3Tiny::<dim!(1)>::init(&mut StdRng::seed_from_u64(0));
    /// let y = net.forward(Tensor::<shape![1, 3, 64, 96]>::zeros());
    /// let (large, medium): (Tensor<shape![1, 18, 2, 3]>, Tensor<shape![1, 18, 4, 6]>) = (y.large, y.medium);
    /// ```
    pub YoloV3Tiny<K: Classes = 80>: [3, H, W] -> { large, medium } {
        stage1: { Unit<3, 16, 3, 1, 1>, MaxPool2d<2> },
        stage2: { Unit<16, 32, 3, 1, 1>, MaxPool2d<2> },
        stage3: { Unit<32, 64, 3, 1, 1>, MaxPool2d<2> },
        stage4: { Unit<64, 128, 3, 1, 1>, MaxPool2d<2> },
        stage5: Unit<128, 256, 3, 1, 1>,
        stage6: { MaxPool2d<2>, Unit<256, 512, 3, 1, 1>, SameMaxPool2d<2> },
        stage7: { Unit<512, 1024, 3, 1, 1> },
        neck1: Unit<1024, 256, 1, 1, 0>,
        large: Head<256, 512, K>,
        @neck1,
        neck2: { Unit<256, 128, 1, 1, 0>, Upsample<2> },
        _ | @stage5,
        medium: Head<384, 256, K>,
    }
}
