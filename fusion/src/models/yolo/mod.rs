//! One-stage detectors in the manner of YOLOv3 (Redmon and Farhadi, [YOLOv3](https://arxiv.org/abs/1804.02767), 2018), and what
//! they are built of.

pub mod darknet53;
mod layers;
pub mod mobile;
mod tables;
pub mod tiny;

pub use darknet53::{YoloV3, YoloV3Output};
pub use layers::{SameMaxPool2d, SqueezeExcitation};
pub use mobile::{
    YoloFace500k, YoloFace500kOutput, YoloFace500kV2, YoloFace500kV2Output, YoloV3Nano, YoloV3NanoOutput,
};
pub use tiny::{YoloV3Tiny, YoloV3TinyOutput};

use crate::dim::{Dim, Nat, Num, Plus, Scaled};
use fusion_macros::model;

/// A number of classes, with the channels of a head that looks for three boxes at each place: four numbers for the box, one for how
/// sure it is of an object, and one for each class. Every size that is known to the compiler is one.
///
/// ```
/// use fusion::models::yolo::Classes;
/// use fusion::prelude::*;
///
/// fn same<K: Classes<Channels = C>, C>() {}
/// same::<dim!(80), dim!(255)>(); // 3 · (5 + 80)
/// ```
pub trait Classes: Nat {
    /// Three times five and the number of classes.
    type Channels: Nat;
}

impl<K: Nat + Plus<Num<5>, Out: Scaled<Num<3>, Out: Nat>>> Classes for K {
    type Channels = <<K as Plus<Num<5>>>::Out as Scaled<Num<3>>>::Out;
}

model! {
    /// Darknet's convolution of `A` x `A` without a bias, a batch norm, and leaky ReLU with slope 0.1.
    pub Unit<I: Dim, O: Dim, A: Dim, S: Dim, P: Dim>: [I, H, W] {
        conv: Conv2d<_, O, A, stride = S, padding = P, bias = false>, bn: BatchNorm2d<_>, LeakyRelu<0.1>,
    }
}
