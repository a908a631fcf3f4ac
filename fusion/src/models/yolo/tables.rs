//! What the boxes of each network are measured in.

use super::{YoloFace500k, YoloFace500kV2, YoloV3, YoloV3Nano, YoloV3Tiny};

/// The boxes of a head: widths and heights in pixels.
type Anchors = [(f32, f32); 3];

macro_rules! tables {
    ($($Net:ident<$classes:literal>[$heads:literal] for [$height:literal, $width:literal]
        ANCHORS = $anchors:expr, STRIDES = $strides:expr, SCALE_X_Y = $scales:expr;)*) => { $(
        /// What its boxes are measured in, whatever the number of classes.
        impl $Net<fusion_macros::dim!($classes)> {
            /// The boxes that each head starts from, widths and heights in pixels of an image of the size that it is made for; heads
            /// in the order of the outputs.
            pub const ANCHORS: [Anchors; $heads] = $anchors;
            /// The pixels from one place of a head to the next, in the order of the outputs.
            pub const STRIDES: [usize; $heads] = $strides;
            /// By how much the sigmoid of a box's place is stretched around its middle, in the order of the outputs: Darknet's
            /// `scale_x_y`.
            pub const SCALE_X_Y: [f32; $heads] = $scales;
            /// The height and the width of the images that it is made for.
            pub const SIZE: [usize; 2] = [$height, $width];
        }
    )* };
}

/// Those that k-means finds in COCO, in pixels of 416 x 416 (Redmon and Farhadi 2018, section 2.3).
const COCO: [Anchors; 3] = [
    [(116.0, 90.0), (156.0, 198.0), (373.0, 326.0)],
    [(30.0, 61.0), (62.0, 45.0), (59.0, 119.0)],
    [(10.0, 13.0), (16.0, 30.0), (33.0, 23.0)],
];
const FACES: [Anchors; 3] = [
    [(47.0, 60.0), (83.0, 97.0), (141.0, 149.0)],
    [(16.0, 24.0), (33.0, 25.0), (26.0, 41.0)],
    [(4.0, 6.0), (7.0, 10.0), (11.0, 15.0)],
];

tables! {
    YoloV3<80>[3] for [416, 416] ANCHORS = COCO, STRIDES = [32, 16, 8], SCALE_X_Y = [1.0; 3];
    YoloV3Tiny<80>[2] for [416, 416]
        ANCHORS = [[(81.0, 82.0), (135.0, 169.0), (344.0, 319.0)], [(10.0, 14.0), (23.0, 27.0), (37.0, 58.0)]],
        STRIDES = [32, 16], SCALE_X_Y = [1.0; 2];
    YoloFace500k<1>[3] for [256, 320] ANCHORS = FACES, STRIDES = [16, 8, 4], SCALE_X_Y = [1.0; 3];
    YoloFace500kV2<1>[3] for [288, 352] ANCHORS = FACES, STRIDES = [32, 16, 8], SCALE_X_Y = [1.0; 3];
    YoloV3Nano<80>[2] for [320, 320]
        ANCHORS = [[(115.0, 74.0), (119.0, 199.0), (243.0, 238.0)], [(12.0, 18.0), (37.0, 49.0), (52.0, 132.0)]],
        STRIDES = [32, 16], SCALE_X_Y = [1.1, 1.05];
}

impl YoloV3Nano<fusion_macros::dim!(80)> {
    /// [`YoloV3Nano::ANCHORS`] of the network for PASCAL VOC.
    pub const ANCHORS_VOC: [Anchors; 2] =
        [[(189.0, 126.0), (137.0, 236.0), (265.0, 259.0)], [(26.0, 48.0), (67.0, 84.0), (72.0, 175.0)]];
}
