//! Boxes from one form to another.

use super::columns;
use crate::dim::{Dim, Num};
use crate::ops;
use crate::tensor::{Float, Tensor};

/// What the four numbers of a box say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoxForm {
    /// The upper left corner and the lower right one: what everything here takes and gives.
    Xyxy,
    /// The upper left corner, the width and the height: COCO's.
    Xywh,
    /// The centre, the width and the height: YOLO's.
    Cxcywh,
}

/// Boxes `[N, 4]` from one form to another, with their gradients. torchvision's `box_convert`.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::vision::{BoxForm, box_convert};
///
/// let boxes = Tensor::<shape![1, 4]>::from([[10.0, 20.0, 30.0, 40.0]]);
/// assert_eq!(box_convert(&boxes, BoxForm::Xywh, BoxForm::Xyxy).to_vec(), [10.0, 20.0, 40.0, 60.0]);
/// assert_eq!(box_convert(&boxes, BoxForm::Xyxy, BoxForm::Cxcywh).to_vec(), [20.0, 30.0, 20.0, 20.0]);
/// ```
#[track_caller]
pub fn box_convert<N: Dim, T: Float>(
    boxes: &Tensor<(N, Num<4>), T>,
    from: BoxForm,
    to: BoxForm,
) -> Tensor<(N, Num<4>), T> {
    if from == to {
        return boxes.clone();
    }
    let half = |x: &_| ops::mul_scalar(Clone::clone(x), 0.5);
    let [a, b, c, d] = columns(boxes.value());
    let corners = match from {
        BoxForm::Xyxy => [a, b, c, d],
        BoxForm::Xywh => [a.clone(), b.clone(), ops::add(a, &c), ops::add(b, &d)],
        BoxForm::Cxcywh => {
            let (w, h) = (half(&c), half(&d));
            [ops::sub(a.clone(), &w), ops::sub(b.clone(), &h), ops::add(a, &w), ops::add(b, &h)]
        }
    };
    let [x1, y1, x2, y2] = corners;
    let (w, h) = (ops::sub(x2.clone(), &x1), ops::sub(y2.clone(), &y1));
    let parts = match to {
        BoxForm::Xyxy => [x1, y1, x2, y2],
        BoxForm::Xywh => [x1, y1, w, h],
        BoxForm::Cxcywh => [half(&ops::add(x1, &x2)), half(&ops::add(y1, &y2)), w, h],
    };
    Tensor::wrap(ops::index::stack(&parts, 1))
}
