//! What a YOLO network learns from.

mod assign;

use super::head::MOST_LOG;
use super::{Labelled, Overlap, YoloHead};
use crate::dim::Dim;
use crate::error::or_panic;
use crate::graph::Value;
use crate::kernels::{Array, DType, Dims, Element, elementwise};
use crate::ops;
use crate::ops::loss::Reduction;
use crate::ops::loss::elements::bce_with_logits;
use crate::tensor::{Float, Tensor};
use crate::{Error, Result};
use assign::{Rules, Sizes, Target};

/// The largest logarithm, for formulas.
const MOST: f64 = MOST_LOG as f64;

fusion_macros::operations! {
    fn center(x, cell, stride: f64, scale: f64) = stride * (scale * sigmoid(x) - 0.5 * (scale - 1) + cell);
    fn reach(x, size) = 0.5 * size * exp(min(x, MOST));
    /// The lower edge of a box along one axis, of the numbers for its centre and its size.
    fn low(x, size_x, cell, size, stride: f64, scale: f64) = center(x, cell, stride, scale) - reach(size_x, size);
    /// The upper edge.
    fn high(x, size_x, cell, size, stride: f64, scale: f64) = center(x, cell, stride, scale) + reach(size_x, size);
    /// Half the square of a difference, by a weight.
    fn half_square(x, y, weight) = 0.5 * weight * square(x - y);
    /// What is missing to 1, by a weight.
    fn missing(x, weight) = weight * (1 - x);
}

/// The loss of YOLOv3: Redmon and Farhadi, [YOLOv3](https://arxiv.org/abs/1804.02767), 2018, with the details of their
/// program.
///
/// Of all anchors, the one that covers an object best by its width and height answers for it, in the cell of the
/// object's centre. With the targets `x y w h` that its numbers should be, it pays, times `2 - area / area of the
/// image`:
///
/// * for its place the cross-entropies of `x` and `y`, and the halves of `(w' - w)²` and `(h' - h)²`; or with
///   [`overlap`](Self::overlap) what its box lacks to 1 in that measure;
///
/// and the cross-entropies of its objectness, 1, and of each class. All other boxes pay for their objectness, which
/// should be 0, but those whose IoU with some object of the image is above [`ignore`](Self::ignore) do not. The parts
/// are sums, divided by the number of images.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::vision::{BBox, Labelled, YoloHead, YoloLoss};
///
/// let loss = YoloLoss::new([YoloHead::new([(10.0, 14.0), (23.0, 27.0), (37.0, 58.0)], 16)]);
/// let output = Tensor::<shape![1, 18, 4, 4]>::zeros().watch();
/// let objects = [vec![Labelled { bbox: BBox::from_xywh(20.0, 20.0, 21.0, 30.0), class: 0 }]];
/// let parts = loss.forward(0, &output, &objects);
/// let gradient = parts.total().backward().get(&output).unwrap();
/// assert!(gradient.get(&[0, 6 + 4, 2, 1]).unwrap() < 0.0); // the second anchor's objectness there should rise
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YoloLoss<const N: usize> {
    heads: [YoloHead; N],
    ignore: f32,
    also: f32,
    smallest: f32,
    overlap: Option<Overlap>,
}

/// The parts of a loss, each a number.
#[derive(Clone, Debug)]
pub struct YoloParts<T = f32> {
    /// For the places of boxes.
    pub boxes: Tensor<(), T>,
    /// For whether there is something in boxes.
    pub objectness: Tensor<(), T>,
    /// For what is in boxes.
    pub classes: Tensor<(), T>,
}

impl<T: Float> YoloParts<T> {
    /// Their sum.
    pub fn total(&self) -> Tensor<(), T> {
        &self.boxes + &self.objectness + &self.classes
    }
}

impl<const N: usize> YoloLoss<N> {
    /// Of a network with these outputs. Boxes whose IoU with an object is above 0.5 are ignored.
    pub const fn new(heads: [YoloHead; N]) -> Self {
        Self { heads, ignore: 0.5, also: 1.0, smallest: 0.0, overlap: None }
    }

    /// A box that answers for no object pays nothing if its IoU with one is above this.
    #[must_use]
    pub const fn ignore(self, ignore: f32) -> Self {
        Self { ignore, ..self }
    }

    /// Anchors whose IoU with an object's shape is above this answer for it, too, beside the best; by default none does.
    /// Darknet's `iou_thresh`: Bochkovskiy et al., [YOLOv4](https://arxiv.org/abs/2004.10934), 2020.
    #[must_use]
    pub const fn also(self, also: f32) -> Self {
        Self { also, ..self }
    }

    /// Objects narrower or lower than this many pixels are not learned, as they are too small to be told from others: no box
    /// answers for them, and boxes whose IoU with one is above 0.1 pay nothing. By default there are none.
    #[must_use]
    pub const fn smallest(self, smallest: f32) -> Self {
        Self { smallest, ..self }
    }

    /// Boxes pay for what they lack to 1 in this measure, usually [`Overlap::Ciou`]. It is much less than the squares,
    /// so that a factor may do good.
    #[must_use]
    pub const fn overlap(self, overlap: Overlap) -> Self {
        Self { overlap: Some(overlap), ..self }
    }

    /// The loss of the output `[B, 3 * (5 + K), H, W]` of the head with this number, of images with these objects: for
    /// each image a list, in pixels of the network's input. The loss of a network is the sum of those of its heads.
    ///
    /// # Panics
    /// Where [`try_forward`](Self::try_forward) gives an error; if there is no such head, or the channels are not `3 *
    /// (5 + K)` for a K of at least 1.
    #[track_caller]
    pub fn forward<B: Dim, C: Dim, H: Dim, W: Dim, T: Float>(
        &self,
        head: usize,
        output: &Tensor<(B, C, H, W), T>,
        objects: &[Vec<Labelled>],
    ) -> YoloParts<T> {
        or_panic(self.try_forward(head, output, objects))
    }

    /// As [`forward`](Self::forward), or an error.
    ///
    /// # Errors
    /// [`Error::Shape`] if there are not as many lists as images, [`Error::Index`] if an object is of a class that the
    /// output does not have.
    #[track_caller]
    pub fn try_forward<B: Dim, C: Dim, H: Dim, W: Dim, T: Float>(
        &self,
        head: usize,
        output: &Tensor<(B, C, H, W), T>,
        objects: &[Vec<Labelled>],
    ) -> Result<YoloParts<T>> {
        assert!(head < N, "YoloLoss: there is no head {head} among {N}");
        let [boxes, objectness, classes] = self.parts(head, output.value(), objects)?.map(Tensor::wrap);
        Ok(YoloParts { boxes, objectness, classes })
    }

    #[track_caller]
    fn parts(&self, head: usize, output: &Value, objects: &[Vec<Labelled>]) -> Result<[Value; 3]> {
        let classes = YoloHead::classes(output.array());
        let [images, rows, columns] = [0, 2, 3].map(|axis| output.shape().get(axis));
        let sizes = Sizes { images, classes, rows, columns };
        if objects.len() != images {
            let lists = objects.len();
            return Err(Error::shape(format_args!(
                "YoloLoss: {lists} lists of objects for a batch of {images} images"
            )));
        }
        for (image, object) in objects.iter().enumerate().flat_map(|(i, list)| list.iter().map(move |o| (i, o))) {
            if object.class >= classes {
                let class = object.class as i64;
                let problem =
                    format!("YoloLoss: an object of image {image} is of class {class}, but there are {classes}");
                return Err(Error::index(class, classes, problem));
            }
        }
        let here = &self.heads[head];
        let plain = elementwise::cast(output.array(), DType::F32).to_vec::<f32>();
        let rules = Rules { ignore: self.ignore, also: self.also, smallest: self.smallest };
        let mut covers = assign::covers(here, &plain, objects, sizes, rules);
        let targets: Vec<(usize, Target)> =
            assign::targets(&self.heads, head, objects, sizes, rules).into_iter().collect();
        let mut objectness = vec![0.0; covers.len()];
        for &(slot, _) in &targets {
            (objectness[slot], covers[slot]) = (1.0, false);
        }
        let whole = Dims::new(&[images, 3, 5 + classes, sizes.cells()]);
        let odds = ops::index::select(ops::reshape(output.clone(), &whole), 2, 4);
        let of = |list: &[f64], shape: &[usize]| Value::from(float(list, shape, output.dtype()));
        let flat = [images, 3, sizes.cells()];
        let counts: Vec<f64> = covers.iter().map(|&ignored| f64::from(!ignored)).collect();
        let objectness = total(&odds, &of(&objectness, &flat), Some(&of(&counts, &flat)))?;

        let places: Vec<i64> = targets.iter().flat_map(|(slot, _)| sizes.numbers(*slot)).map(|x| x as i64).collect();
        let places = Array::from_slice(&places, Dims::new(&[targets.len(), 5 + classes]));
        let chosen = ops::index::gather::take_flat(output, &places)?;
        let n = targets.len();
        let of_each = |width: usize, f: &dyn Fn(&Target, usize) -> f64| {
            let list: Vec<f64> =
                targets.iter().flat_map(|(_, t)| (0..width).map(|k| f(t, k)).collect::<Vec<_>>()).collect();
            of(&list, &[n, width])
        };
        let area = (rows * columns * here.stride * here.stride) as f64;
        let weight = of_each(1, &|t, _| 2.0 - (f64::from(t.object.bbox.area()) / area).min(1.0));
        let boxes = match self.overlap {
            None => Self::squares(here, &chosen, &of_each, &weight)?,
            Some(overlap) => Self::overlaps(here, overlap, &chosen, &of_each, &weight),
        };
        let is = of_each(classes, &|t, class| f64::from(t.object.class == class));
        let classes = total(&ops::slice(chosen, 1, 5, 5 + classes), &is, None)?;
        let images = images.max(1) as f64;
        Ok([boxes, objectness, classes].map(|part| ops::div_scalar(part, images)))
    }

    /// For places by cross-entropies and squares.
    #[track_caller]
    fn squares(
        here: &YoloHead,
        chosen: &Value,
        of_each: &dyn Fn(usize, &dyn Fn(&Target, usize) -> f64) -> Value,
        weight: &Value,
    ) -> Result<Value> {
        let scale = f64::from(here.scale_x_y);
        let inside = of_each(2, &|t, axis| {
            let place = f64::from(t.object.bbox.center()[axis]) / here.stride as f64 - t.cell[axis] as f64;
            ((place + (scale - 1.0) / 2.0) / scale).clamp(0.0, 1.0)
        });
        let size = of_each(2, &|t, axis| {
            let (w, h) = here.anchors[t.anchor];
            let (side, anchor) = ([t.object.bbox.width(), t.object.bbox.height()][axis], [w, h][axis]);
            (f64::from(side) / f64::from(anchor)).ln()
        });
        let places = total(&ops::slice(chosen.clone(), 1, 0, 2), &inside, Some(weight))?;
        let sizes = half_square(ops::slice(chosen.clone(), 1, 2, 4), size, weight.clone());
        Ok(ops::add(places, &sum(&sizes)))
    }

    /// For places by a measure.
    #[track_caller]
    fn overlaps(
        here: &YoloHead,
        overlap: Overlap,
        chosen: &Value,
        of_each: &dyn Fn(usize, &dyn Fn(&Target, usize) -> f64) -> Value,
        weight: &Value,
    ) -> Value {
        let (stride, scale) = (here.stride as f64, f64::from(here.scale_x_y));
        let edge = |axis: usize, f: &dyn Fn(Value, Value, Value, Value) -> Value| {
            let number = |k: usize| ops::slice(chosen.clone(), 1, k, k + 1);
            let cell = of_each(1, &|t, _| t.cell[axis] as f64);
            let anchor = of_each(1, &|t, _| {
                let (w, h) = here.anchors[t.anchor];
                f64::from([w, h][axis])
            });
            f(number(axis), number(2 + axis), cell, anchor)
        };
        let [left, upper] = [0, 1].map(|axis| edge(axis, &|x, w, cell, size| low(x, w, cell, size, stride, scale)));
        let [right, lower] = [0, 1].map(|axis| edge(axis, &|x, w, cell, size| high(x, w, cell, size, stride, scale)));
        let truth = [0, 1, 2, 3].map(|k| {
            of_each(1, &|t, _| {
                let bbox = t.object.bbox;
                f64::from([bbox.x1, bbox.y1, bbox.x2, bbox.y2][k])
            })
        });
        sum(&missing(overlap.values([left, upper, right, lower], truth), weight.clone()))
    }
}

/// The sum of cross-entropies.
#[track_caller]
fn total(odds: &Value, targets: &Value, weight: Option<&Value>) -> Result<Value> {
    bce_with_logits(odds, targets, [weight, None], Reduction::Sum)
}

/// The sum of all elements.
#[track_caller]
fn sum(x: &Value) -> Value {
    ops::sum(x, (1 << x.shape().rank()) - 1, false)
}

/// Numbers in the type of an output.
fn float(list: &[f64], shape: &[usize], dtype: DType) -> Array {
    let shape = Dims::new(shape);
    match dtype == <f64 as Element>::DTYPE {
        true => Array::from_slice(list, shape),
        false => Array::from_fn(shape, |i| list[i] as f32),
    }
}
