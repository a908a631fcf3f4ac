//! The output of a YOLO network as detections.

use super::{BBox, Detection};
use crate::dim::Dim;
use crate::kernels::Array;
use crate::tensor::Tensor;

/// A width is no more than so many times the anchor's, by its logarithm: 22,026. What a network says beyond that is
/// noise, and would overflow.
pub(super) const MOST_LOG: f32 = 10.0;

/// What the numbers of an output `[B, 3 * (5 + K), H, W]` of a YOLO network of K classes mean: for each cell, `stride`
/// pixels wide and high, and for each of three anchors a box, its objectness and the probability of each class.
///
/// With the logistic function σ, the cell's column and row i and j, and the anchor's width and height w and h, both in
/// pixels, the numbers `x y w' h' o c..` say: the centre `stride (σ(x) + i)` and `stride (σ(y) + j)`, the width `w
/// exp(w')`, the height `h exp(h')`, and the score `σ(o) σ(c)` of each class. Redmon and Farhadi,
/// [YOLOv3](https://arxiv.org/abs/1804.02767), 2018.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::vision::{BBox, YoloHead};
///
/// let head = YoloHead::new([(10.0, 13.0), (16.0, 30.0), (33.0, 23.0)], 32);
/// let output = Tensor::<shape![1, 18, 1, 1]>::from_fn(|i| if i < 6 { 0.0 } else { -9.0 });
/// let mut found = Vec::new();
/// head.decode(&output, 0, 0.2, &mut found);
/// assert_eq!(found.len(), 1);
/// assert_eq!((found[0].bbox, found[0].score), (BBox::from_cxcywh(16.0, 16.0, 10.0, 13.0), 0.25));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YoloHead {
    /// Width and height of each anchor, in pixels of the network's input.
    pub anchors: [(f32, f32); 3],
    /// How many pixels of the network's input a cell is wide and high.
    pub stride: usize,
    /// How far a centre may leave its cell: `s σ(x) - (s - 1) / 2` stands for `σ(x)`. Darknet's `scale_x_y`, usually 1.
    pub scale_x_y: f32,
}

impl YoloHead {
    /// With centres inside of their cells.
    pub const fn new(anchors: [(f32, f32); 3], stride: usize) -> Self {
        Self { anchors, stride, scale_x_y: 1.0 }
    }

    /// With centres that may leave their cells.
    #[must_use]
    pub const fn scale_x_y(self, scale_x_y: f32) -> Self {
        Self { scale_x_y, ..self }
    }

    /// How many classes an output has, by its channels.
    #[track_caller]
    pub(super) fn classes(output: &Array) -> usize {
        let channels = output.shape().get(1);
        let numbers = channels / 3;
        assert!(
            channels.is_multiple_of(3) && numbers > 5,
            "YoloHead: {channels} channels are not 3 * (5 + classes): three boxes of four numbers, an objectness and classes"
        );
        numbers - 5
    }

    /// Adds what was found in the image with this number of the batch: a detection for each class whose score is at least
    /// `threshold`, in pixels of the network's input. [`Nms`](super::Nms) comes next.
    ///
    /// # Panics
    /// If there is no such image, or the channels are not `3 * (5 + K)` for a K of at least 1.
    #[track_caller]
    pub fn decode<B: Dim, C: Dim, H: Dim, W: Dim>(
        &self,
        output: &Tensor<(B, C, H, W)>,
        image: usize,
        threshold: f32,
        found: &mut Vec<Detection>,
    ) {
        self.each(output.value().array(), image, threshold, found);
    }

    #[track_caller]
    fn each(&self, output: &Array, image: usize, threshold: f32, found: &mut Vec<Detection>) {
        let classes = Self::classes(output);
        let [images, rows, columns] = [0, 2, 3].map(|axis| output.shape().get(axis));
        assert!(image < images, "YoloHead: there is no image {image} in a batch of {images}");
        let (output, cells, numbers) = (output.contiguous(), rows * columns, 5 + classes);
        let all = &output.as_slice::<f32>().expect("contiguous")[image * 3 * numbers * cells..];
        // A score is at most the objectness, whose logarithm of odds is compared without an exponential; from 16 on it
        // may round to 1.
        let least = (threshold / (1.0 - threshold)).ln().min(16.0);
        for (anchor, planes) in all.chunks_exact((numbers * cells).max(1)).take(3).enumerate() {
            let plane = |number: usize| &planes[number * cells..][..cells];
            for (cell, &odds) in plane(4).iter().enumerate() {
                // No odds are below NaN, which is that of a threshold above 1.
                if odds < least || odds.is_nan() {
                    continue;
                }
                let objectness = sigmoid(odds);
                let mut bbox = None;
                for class in 0..classes {
                    let score = objectness * sigmoid(plane(5 + class)[cell]);
                    if score >= threshold {
                        let bbox = *bbox.get_or_insert_with(|| {
                            let at = [cell % columns, cell / columns];
                            self.bbox([0, 1, 2, 3].map(|number| plane(number)[cell]), anchor, at)
                        });
                        found.push(Detection { bbox, score, class });
                    }
                }
            }
        }
    }

    /// The box of four numbers of a cell.
    pub(super) fn bbox(&self, [x, y, w, h]: [f32; 4], anchor: usize, at: [usize; 2]) -> BBox {
        let (stride, (width, height)) = (self.stride as f32, self.anchors[anchor]);
        let place =
            |x: f32, cell: usize| (self.scale_x_y * sigmoid(x) - (self.scale_x_y - 1.0) / 2.0 + cell as f32) * stride;
        let size = |anchor: f32, x: f32| anchor * x.min(MOST_LOG).exp();
        BBox::from_cxcywh(place(x, at[0]), place(y, at[1]), size(width, w), size(height, h))
    }
}

/// The logistic function.
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
