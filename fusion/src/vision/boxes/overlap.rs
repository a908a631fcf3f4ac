//! How well two boxes cover each other.

use super::columns;
use crate::dim::{Dim, Num, SameShape};
use crate::graph::Value;
use crate::kernels::Dims;
use crate::ops;
use crate::tensor::{Float, Tensor};
use std::f64::consts::PI;

/// An area below this is none, and has no gradient.
const NO_AREA: f64 = 1e-18;
/// A height below this is none, and has no gradient.
const NO_HEIGHT: f64 = 1e-9;
/// What brings the square of the largest difference of angles to 1.
const ANGLES: f64 = 4.0 / (PI * PI);

// A box is its left, upper, right and lower edge; the first is `a b c d`, the second `e f g h`.
fusion_macros::operations! {
    fn ratio(x, y) = where_(y > NO_AREA, x / where_(y > NO_AREA, y, 1), 0);
    fn shared(a, b, c, d, e, f, g, h) = relu(min(c, g) - max(a, e)) * relu(min(d, h) - max(b, f));
    fn joined(a, b, c, d, e, f, g, h) = (c - a) * (d - b) + (g - e) * (h - f) - shared(a, b, c, d, e, f, g, h);
    fn angle(w, h) = where_(h > NO_HEIGHT, atan(w / where_(h > NO_HEIGHT, h, 1)), 0);

    fn iou(a, b, c, d, e, f, g, h) = ratio(shared(a, b, c, d, e, f, g, h), joined(a, b, c, d, e, f, g, h));
    fn giou(a, b, c, d, e, f, g, h) = {
        let both = joined(a, b, c, d, e, f, g, h);
        let hull = (max(c, g) - min(a, e)) * (max(d, h) - min(b, f));
        ratio(shared(a, b, c, d, e, f, g, h), both) - ratio(hull - both, hull)
    };
    fn diou(a, b, c, d, e, f, g, h) = {
        let diagonal = square(max(c, g) - min(a, e)) + square(max(d, h) - min(b, f));
        let apart = 0.25 * (square(a + c - e - g) + square(b + d - f - h));
        ratio(shared(a, b, c, d, e, f, g, h), joined(a, b, c, d, e, f, g, h)) - ratio(apart, diagonal)
    };
    fn proportions(a, b, c, d, e, f, g, h) = ANGLES * square(angle(g - e, h - f) - angle(c - a, d - b));
    fn share(overlap, v) = ratio(v, 1 - overlap + v);
}

/// How well two boxes cover each other, 1 if they are the same: a measure with gradients for both, whose distance from 1 is a
/// loss.
///
/// Boxes are `[N, 4]` by their corners, `x1 <= x2` and `y1 <= y2`; see [`box_convert`](super::box_convert). Boxes
/// without an area give finite numbers and finite gradients: the overlap of two of them is 0.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::vision::Overlap;
///
/// let guess = Tensor::<shape![1, 4]>::from([[0.0, 0.0, 2.0, 2.0]]).watch();
/// let truth = Tensor::<shape![1, 4]>::from([[1.0, 0.0, 3.0, 2.0]]);
/// assert!((Overlap::Iou.of(&guess, &truth).to_vec()[0] - 1.0 / 3.0).abs() < 1e-6);
///
/// let loss = (1.0 - Overlap::Ciou.of(&guess, &truth)).mean();
/// let slopes = loss.backward().get(&guess).unwrap().to_vec();
/// assert!(slopes[2] < 0.0); // the right edge should move to the right
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// The area of the intersection over that of the union. It has no gradient where the boxes do not meet.
    #[doc(alias = "box_iou")]
    Iou,
    /// IoU less the share of their hull (the smallest box around both) that belongs to neither: from -1 to 1.
    /// Rezatofighi et al., [Generalized Intersection over Union](https://arxiv.org/abs/1902.09630), 2019. torchvision:
    /// 1 - `generalized_box_iou_loss`.
    #[doc(alias = "generalized_box_iou")]
    Giou,
    /// IoU less the squared distance of the centres over that of the corners of the hull. Zheng et al.,
    /// [Distance-IoU Loss](https://arxiv.org/abs/1911.08287), 2020. torchvision: 1 - `distance_box_iou_loss`.
    #[doc(alias = "distance_box_iou")]
    Diou,
    /// DIoU less `v² / (1 - IoU + v)` for `v = 4/π² (atan(w'/h') - atan(w/h))²`, which compares proportions. As in the
    /// paper, which is that of DIoU, the factor `v / (1 - IoU + v)` has no gradient. torchvision: 1 -
    /// `complete_box_iou_loss`.
    #[doc(alias = "complete_box_iou")]
    Ciou,
}

impl Overlap {
    /// Of each box with the one in the same row: `[N, 4]` and `[N, 4]` give `[N]`.
    ///
    /// # Panics
    /// If the numbers of rows are known at run time only, and differ.
    #[track_caller]
    pub fn of<N: Dim, M: Dim, T: Float>(
        self,
        boxes1: &Tensor<(N, Num<4>), T>,
        boxes2: &Tensor<(M, Num<4>), T>,
    ) -> Tensor<<(N,) as SameShape<(M,)>>::Both, T>
    where
        (N,): SameShape<(M,)>,
    {
        let (a, b) = (boxes1.value(), boxes2.value());
        crate::error::or_panic(fusion_rules::same_shape(a.shape().sizes(), b.shape().sizes()));
        Tensor::wrap(self.values(columns(a), columns(b)))
    }

    /// Of each box with each other one: `[N, 4]` and `[M, 4]` give `[N, M]`. torchvision's `box_iou` and its like.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// use fusion::vision::Overlap;
    ///
    /// let boxes = Tensor::<shape![2, 4]>::from([[0.0, 0.0, 2.0, 2.0], [5.0, 5.0, 6.0, 7.0]]);
    /// assert_eq!(Overlap::Iou.matrix(&boxes, &boxes), Tensor::<shape![2, 2]>::eye());
    /// ```
    #[track_caller]
    pub fn matrix<N: Dim, M: Dim, T: Float>(
        self,
        boxes1: &Tensor<(N, Num<4>), T>,
        boxes2: &Tensor<(M, Num<4>), T>,
    ) -> Tensor<(N, M), T> {
        let (n, m) = (boxes1.value().shape().get(0), boxes2.value().shape().get(0));
        let down = columns(boxes1.value()).map(|x| ops::reshape(x, &Dims::new(&[n, 1])));
        let across = columns(boxes2.value()).map(|x| ops::reshape(x, &Dims::new(&[1, m])));
        Tensor::wrap(self.values(down, across))
    }

    /// The measure of edges that stretch to one shape.
    #[track_caller]
    pub(in crate::vision) fn values(self, first: [Value; 4], second: [Value; 4]) -> Value {
        let ([a, b, c, d], [e, f, g, h]) = (first, second);
        match self {
            Self::Iou => iou(a, b, c, d, e, f, g, h),
            Self::Giou => giou(a, b, c, d, e, f, g, h),
            Self::Diou => diou(a, b, c, d, e, f, g, h),
            Self::Ciou => {
                let [i, j, k, l, m, n, o, p] = [&a, &b, &c, &d, &e, &f, &g, &h].map(Value::detach);
                let overlap = iou(i, j, k, l, m, n, o, p);
                let each = [&a, &b, &c, &d, &e, &f, &g, &h].map(Value::clone);
                let distance = diou(a, b, c, d, e, f, g, h);
                let [a, b, c, d, e, f, g, h] = each;
                let v = proportions(a, b, c, d, e, f, g, h);
                let alpha = share(overlap, v.detach());
                ops::sub(distance, &ops::mul(alpha, &v))
            }
        }
    }
}
