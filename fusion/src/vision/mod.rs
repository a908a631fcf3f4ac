//! Objects in images: boxes around them, networks that find them, how well they do, and tracks through videos. Of the cargo
//! feature `vision`.

mod boxes;
mod nms;

pub use boxes::{BBox, BoxForm, Detection, Labelled, Overlap, box_convert};
pub use nms::{Nms, Suppression};
