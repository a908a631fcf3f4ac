//! Objects in images: boxes around them, networks that find them, how well they do, and tracks through videos. Of the cargo
//! feature `vision`.

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
pub use data::{BoxedImages, DetectionFolder, Mosaic, RandomFlip, RandomScaleShift};
pub use draw::{Canvas, Colour, colour};
pub use head::YoloHead;
pub use loss::{YoloLoss, YoloParts};
pub use nms::{Nms, Suppression};
pub use place::{Letterbox, Placement};
pub use precision::{AveragePrecision, CocoScores, PrecisionRecall, VocRule};
pub use track::{MotMeasures, MotScores, Track, Tracker};
