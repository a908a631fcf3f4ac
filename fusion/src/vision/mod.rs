//! Objects in images: boxes around them, what a network learns from and what becomes of its outputs, how well it does,
//! and the same objects from frame to frame. Of the cargo feature `vision`.
//!
//! From a photograph to boxes with numbers that stay, here with the outputs of a network that found one face:
//!
//! ```
//! use fusion::data::transforms::ToFloat;
//! use fusion::data::{Draw, Transform};
//! use fusion::prelude::*;
//! use fusion::vision::{Canvas, Letterbox, Nms, Tracker, YoloHead, colour};
//!
//! let head = YoloHead::new([(47.0, 60.0), (83.0, 97.0), (141.0, 149.0)], 32);
//! let (nms, mut tracker, mut found) = (Nms::new(), Tracker::new(), Vec::new());
//!
//! let photo = Tensor::<shape![3, Dyn, Dyn], u8>::zeros_sized(&[3, 480, 640])?;
//! let (x, placement) = Letterbox::<dim!(320), dim!(320)>::new().apply(&photo);
//! let x: Tensor<shape![1, 3, 320, 320]> = ToFloat.apply(x, &mut Draw::new(0, 0, 0, &[0]));
//! // let output = net.forward(x);
//! # let number = |i| match i { 455 | 555 => 4.0, 400.. => -6.0, _ => 0.0 };
//! # let output = Tensor::<shape![1, 18, 10, 10]>::from_fn(number);
//!
//! found.clear();
//! head.decode(&output, 0, 0.1, &mut found);
//! nms.score_threshold(0.1).apply(&mut found);
//! placement.restore(&mut found); // from the network's pixels to those of the photograph
//!
//! let mut canvas = Canvas::new(&photo);
//! for track in tracker.update(&found) {
//!     canvas.labelled(track.bbox, &format!("face {}", track.id), colour(track.id), 2);
//! }
//! # assert_eq!((found.len(), found[0].bbox.center(), tracker.update(&found)[0].id), (1, [352.0, 272.0], 1));
//! # Ok::<(), fusion::Error>(())
//! ```
//!
//! | of | here | elsewhere |
//! | --- | --- | --- |
//! | boxes | [`BBox`], [`Detection`], [`Labelled`] | |
//! | boxes in tensors | [`box_convert`], [`Overlap`] with gradients: IoU, GIoU, DIoU, CIoU | `torchvision.ops` |
//! | images | [`Letterbox`], [`Placement`], [`Canvas`] | `draw_bounding_boxes` |
//! | detections | [`YoloHead`], [`Nms`] | `batched_nms` |
//! | data | [`DetectionFolder`] of CSV, YOLO's texts, COCO's JSON | `CocoDetection` |
//! | changes of images and boxes | [`Mosaic`], [`RandomScaleShift`], [`RandomFlip`], and [`ColorJitter`](crate::data::transforms::ColorJitter) | |
//! | learning | [`YoloLoss`] | |
//! | measures | [`AveragePrecision`]: VOC and COCO, curves | pycocotools |
//! | videos | [`Tracker`], [`MotMeasures`] | ByteTrack, py-motmetrics |
//!
//! Boxes are in pixels by their corners, wherever nothing else is said. Boxes of single images are plain numbers, in
//! `f32`; those that have gradients are rows of tensors `[N, 4]`.

mod boxes;
mod data;
mod draw;
mod head;
mod loss;
mod nms;
mod place;
mod precision;
mod track;

pub use boxes::{BBox, BoxForm, Detection, Labelled, Overlap, box_convert};
#[doc(hidden)]
pub(crate) use data::memory;
pub use data::{BoxedImages, DetectionFolder, Mosaic, RandomFlip, RandomScaleShift};
pub use draw::{Canvas, Colour, colour};
pub use head::YoloHead;
pub use loss::{YoloLoss, YoloParts};
pub use nms::{Nms, Suppression};
pub use place::{Letterbox, Placement};
pub use precision::{AveragePrecision, CocoScores, PrecisionRecall, VocRule};
pub use track::{MotMeasures, MotScores, Track, Tracker};
