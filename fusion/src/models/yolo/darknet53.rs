//! YOLOv3 on Darknet-53.

use super::tiny::Head;
use super::{Classes, Unit};
use crate::dim::Dim;
use fusion_macros::model;

model! {
    /// Darknet-53's block: `M` channels and back, and the sum with the identity.
    pub Residual<C: Dim, M: Dim>: [C, H, W] -> [C, H, W] {
        _ + { Unit<C, M, 1, 1, 0>, Unit<M, C, 3, 1, 1> },
    }
}

model! {
    /// Five convolutions that make `C` channels of `I`, with `D`, twice as many, between.
    pub Neck<I: Dim, C: Dim, D: Dim>: [I, H, W] {
        Unit<I, C, 1, 1, 0>, Unit<C, D, 3, 1, 1>, Unit<D, C, 1, 1, 0>, Unit<C, D, 3, 1, 1>, Unit<D, C, 1, 1, 0>,
    }
}

model! {
    /// YOLOv3 on Darknet-53: Redmon and Farhadi, [YOLOv3: An Incremental Improvement](https://arxiv.org/abs/1804.02767), 2018.
    ///
    /// It takes images whose height and width are a multiple of 32, made for 416 x 416, and gives three boxes at each place of three
    /// grids, for large, medium and small things, with strides 32, 16 and 8: `[B, 3 · (5 + K), H / 32, W / 32]` and so on. For the
    /// eighty classes of COCO it has 61,949,149 parameters and makes 32.9 billion multiply-adds for 416 x 416.
    ///
    /// ```
    /// use fusion::models::{YoloV3, YoloV3Output};
    /// use fusion::prelude::*;
    ///
    /// let net = YoloV3::<dim!(1)>::init(&mut StdRng::seed_from_u64(0)); // one class
    /// let YoloV3Output { large, medium, small } = net.forward(Tensor::<shape![1, 3, 32, 64]>::zeros());
    /// let large: Tensor<shape![1, 18, 1, 2]> = large;
    /// let (medium, small): (Tensor<shape![1, 18, 2, 4]>, Tensor<shape![1, 18, 4, 8]>) = (medium, small);
    /// ```
    pub YoloV3<K: Classes = 80>: [3, H, W] -> { large, medium, small } {
        stem: Unit<3, 32, 3, 1, 1>,
        stage1: { Unit<32, 64, 3, 2, 1>, Residual<64, 32> },
        stage2: { Unit<64, 128, 3, 2, 1>, 2 * Residual<128, 64> },
        stage3: { Unit<128, 256, 3, 2, 1>, 8 * Residual<256, 128> },
        stage4: { Unit<256, 512, 3, 2, 1>, 8 * Residual<512, 256> },
        stage5: { Unit<512, 1024, 3, 2, 1>, 4 * Residual<1024, 512> },
        neck1: Neck<1024, 512, 1024>,
        large: Head<512, 1024, K>,
        @neck1,
        { up1: Unit<512, 256, 1, 1, 0>, Upsample<2> } | @stage4,
        neck2: Neck<768, 256, 512>,
        medium: Head<256, 512, K>,
        @neck2,
        { up2: Unit<256, 128, 1, 1, 0>, Upsample<2> } | @stage3,
        neck3: Neck<384, 128, 256>,
        small: Head<128, 256, K>,
    }
}
