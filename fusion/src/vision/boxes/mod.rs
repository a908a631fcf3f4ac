//! Boxes: one as four numbers, and many as the rows of a tensor.

mod bbox;
mod convert;
mod overlap;

pub use bbox::{BBox, Detection, Labelled};
pub use convert::{BoxForm, box_convert};
pub use overlap::Overlap;

use crate::graph::Value;
use crate::ops;

/// The four columns of boxes `[N, 4]`.
#[track_caller]
pub(super) fn columns(boxes: &Value) -> [Value; 4] {
    let halves = [0, 2].map(|from| ops::slice(boxes.clone(), 1, from, from + 2));
    [0, 1, 2, 3].map(|k| ops::select(halves[k / 2].clone(), 1, k % 2))
}
