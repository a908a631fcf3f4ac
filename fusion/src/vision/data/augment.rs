//! Random changes of images that their boxes follow.

use super::BoxedImages;
use crate::data::Draw;
use crate::data::transforms::Transform;
use crate::dim::Dim;
use crate::kernels::{Array, Dims, images};
use crate::tensor::Tensor;
use crate::vision::{BBox, Labelled, Placement};
use rand::RngExt;
use std::ops::RangeInclusive;

/// What is left of an image that lies nowhere: grey.
const GREY: u8 = 128;

/// How much of a box must be seen for the object to count as one.
const SEEN: f32 = 0.3;

/// How wide and high, in pixels, what is seen of a box must be.
const SMALLEST: f32 = 2.0;

/// Images before and after, plane after plane.
struct Sheets {
    from: Array,
    to: Array,
    size: [usize; 2],
}

impl Sheets {
    /// Of images that are still to be drawn, on grey.
    fn new(from: Array) -> Self {
        let size = [2, 3].map(|axis| from.shape().get(axis));
        let to = Array::full(GREY, *from.shape());
        Self { from: from.contiguous(), to, size }
    }

    /// Draws image `from` into image `to`, as far as a window of it goes: its columns and its rows; and its objects, if
    /// they are seen.
    fn draw(
        &mut self,
        from: usize,
        to: usize,
        placement: &Placement,
        window: [[usize; 2]; 2],
        objects: &[Labelled],
        seen: &mut Vec<Labelled>,
    ) {
        let [height, width] = self.size;
        let image = 3 * height * width;
        if image == 0 {
            return;
        }
        let shape = Dims::new(&[3, height, width]);
        let one = self.from.view(shape, shape.row_major(), from * image);
        let canvas = &mut self.to.make_mut::<u8>()[to * image..][..image];
        placement.draw(&one, canvas, self.size, window);
        let [x, y] = window.map(|range| range.map(|n| n as f32));
        let frame = BBox::new(x[0], y[0], x[1], y[1]);
        for object in objects {
            let whole = placement.to_canvas(object.bbox);
            let bbox = whole.intersection(&frame);
            let large = bbox.width() >= SMALLEST && bbox.height() >= SMALLEST;
            if large && bbox.area() >= SEEN * whole.area() {
                seen.push(Labelled { bbox, class: object.class });
            }
        }
    }
}

/// Mirrors images and their boxes, left to right, each with a probability. torchvision's `RandomHorizontalFlip` of
/// images with boxes.
///
/// It draws one number for each image.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::prelude::*;
/// use fusion::vision::{BBox, Labelled, RandomFlip};
///
/// let x = Tensor::<shape![1, 3, 8, 10], u8>::zeros();
/// let face = |bbox| vec![vec![Labelled { bbox, class: 0 }]];
/// let (_, y) = RandomFlip::new(1.0).apply((x, face(BBox::new(1.0, 2.0, 4.0, 6.0))), &mut Draw::new(0, 0, 0, &[0]));
/// assert_eq!(y, face(BBox::new(6.0, 2.0, 9.0, 6.0)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomFlip {
    p: f64,
}

impl RandomFlip {
    /// With this probability.
    ///
    /// # Panics
    /// If it is not from 0 to 1.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        Self { p: probability(p) }
    }
}

impl<B: Dim, H: Dim, W: Dim> Transform<BoxedImages<B, H, W>> for RandomFlip {
    type Output = BoxedImages<B, H, W>;

    fn apply(&self, (x, mut objects): BoxedImages<B, H, W>, draw: &mut Draw<'_>) -> Self::Output {
        let x = x.into_value().into_parts().0;
        let width = x.shape().get(3) as f32;
        let flipped: Vec<bool> = (0..x.shape().get(0)).map(|_| draw.rng().random_bool(self.p)).collect();
        for (objects, _) in objects.iter_mut().zip(&flipped).filter(|(_, flipped)| **flipped) {
            for BBox { x1, x2, .. } in objects.iter_mut().map(|object| &mut object.bbox) {
                (*x1, *x2) = (width - *x2, width - *x1);
            }
        }
        (Tensor::wrap(images::flip(x, &flipped).into()), objects)
    }
}

/// Makes images larger or smaller by a factor and moves them, with their boxes. What comes from outside is grey; an object of
/// which less than 0.3 is seen, or fewer than 2 pixels in width or height, is none.
///
/// For each image it draws the factor, then how far its middle moves across and down.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::prelude::*;
/// use fusion::vision::{BBox, Labelled, RandomScaleShift};
///
/// let x = Tensor::<shape![1, 3, 8, 8], u8>::zeros();
/// let face = |bbox| vec![vec![Labelled { bbox, class: 0 }]];
/// let half = RandomScaleShift::new(0.5..=0.5, 0.0);
/// let (_, y) = half.apply((x, face(BBox::new(0.0, 0.0, 8.0, 8.0))), &mut Draw::new(0, 0, 0, &[0]));
/// assert_eq!(y, face(BBox::new(2.0, 2.0, 6.0, 6.0)));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RandomScaleShift {
    scale: RangeInclusive<f64>,
    shift: f64,
}

impl RandomScaleShift {
    /// By a factor in this range, and by up to this part of the width and of the height in either direction.
    ///
    /// # Panics
    /// If the factors are not above 0 and at most 16, or the part is not from 0 to 1.
    #[track_caller]
    pub fn new(scale: RangeInclusive<f64>, shift: f64) -> Self {
        assert!((0.0..=1.0).contains(&shift), "RandomScaleShift: a move of up to {shift}: it is from 0 to 1");
        Self { scale: factors("RandomScaleShift", scale), shift }
    }
}

impl<B: Dim, H: Dim, W: Dim> Transform<BoxedImages<B, H, W>> for RandomScaleShift {
    type Output = BoxedImages<B, H, W>;

    fn apply(&self, (x, objects): BoxedImages<B, H, W>, draw: &mut Draw<'_>) -> Self::Output {
        let mut sheets = Sheets::new(x.into_value().into_parts().0);
        let [height, width] = sheets.size;
        let mut all = Vec::with_capacity(objects.len());
        for (image, objects) in objects.iter().enumerate() {
            let rng = draw.rng();
            let scale = rng.random_range(self.scale.clone());
            let mut middle = |n: usize, inner: usize| {
                let move_by = rng.random_range(-self.shift..=self.shift) * n as f64;
                ((n as f64 - inner as f64) / 2.0 + move_by).round() as i64
            };
            let inner = [scaled(width, scale), scaled(height, scale)];
            let at = [middle(width, inner[0]), middle(height, inner[1])];
            let placement = Placement::new([width, height], inner, at);
            let mut seen = Vec::with_capacity(objects.len());
            sheets.draw(image, image, &placement, [[0, width], [0, height]], objects, &mut seen);
            all.push(seen);
        }
        (Tensor::wrap(sheets.to.into()), all)
    }
}

/// Puts an image together of four of the batch, itself and three others, with their boxes. Bochkovskiy et al.,
/// [YOLOv4](https://arxiv.org/abs/2004.10934), 2020.
///
/// The four meet in a point between 0.3 and 0.7 of the width and of the height, each with a corner there, brought to a
/// factor of its size. What is left is grey; an object of which less than 0.3 is seen, or fewer than 2 pixels in width
/// or height, is none.
///
/// For each image it draws whether it is changed, the point across and down, and then for each of the four, row by row,
/// the factor and, but for the first, the number of the image.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::prelude::*;
/// use fusion::vision::{BBox, Labelled, Mosaic};
///
/// let x = Tensor::<shape![Dyn, 3, 64, 64], u8>::zeros_sized(&[8, 3, 64, 64])?;
/// let face = Labelled { bbox: BBox::new(20.0, 20.0, 44.0, 44.0), class: 0 };
/// let samples: Vec<usize> = (0..8).collect();
/// let (_, y) = Mosaic::new(1.0, 0.5..=0.5).apply((x, vec![vec![face]; 8]), &mut Draw::new(0, 0, 0, &samples));
/// assert_eq!(y.len(), 8);
/// assert!(y.iter().any(|objects| objects.len() == 4));
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mosaic {
    p: f64,
    scale: RangeInclusive<f64>,
}

impl Mosaic {
    /// With this probability, of images brought to a factor in this range of their size.
    ///
    /// # Panics
    /// If the probability is not from 0 to 1, or the factors are not above 0 and at most 16.
    #[track_caller]
    pub fn new(p: f64, scale: RangeInclusive<f64>) -> Self {
        Self { p: probability(p), scale: factors("Mosaic", scale) }
    }
}

impl<B: Dim, H: Dim, W: Dim> Transform<BoxedImages<B, H, W>> for Mosaic {
    type Output = BoxedImages<B, H, W>;

    fn apply(&self, (x, objects): BoxedImages<B, H, W>, draw: &mut Draw<'_>) -> Self::Output {
        let mut sheets = Sheets::new(x.into_value().into_parts().0);
        let ([height, width], rng) = (sheets.size, draw.rng());
        let mut all = Vec::with_capacity(objects.len());
        for image in 0..objects.len() {
            let mut seen = Vec::new();
            if rng.random_bool(self.p) {
                let [x, y] = [width, height].map(|n| (rng.random_range(0.3..=0.7) * n as f64).round() as usize);
                for corner in 0..4 {
                    let scale = rng.random_range(self.scale.clone());
                    let other = if corner == 0 { image } else { rng.random_range(0..objects.len()) };
                    let inner = [scaled(width, scale), scaled(height, scale)];
                    // Before the point or behind it, along one axis: where the image begins, and what is its own.
                    let side = |behind: bool, point: usize, inner: usize, n: usize| match behind {
                        false => (point as i64 - inner as i64, [0, point]),
                        true => (point as i64, [point, n]),
                    };
                    let (left, columns) = side(corner % 2 == 1, x, inner[0], width);
                    let (top, rows) = side(corner / 2 == 1, y, inner[1], height);
                    let placement = Placement::new([width, height], inner, [left, top]);
                    sheets.draw(other, image, &placement, [columns, rows], &objects[other], &mut seen);
                }
            } else {
                let placement = Placement::new([width, height], [width, height], [0, 0]);
                sheets.draw(image, image, &placement, [[0, width], [0, height]], &objects[image], &mut seen);
            }
            all.push(seen);
        }
        (Tensor::wrap(sheets.to.into()), all)
    }
}

/// A side by a factor, at least one pixel.
fn scaled(side: usize, scale: f64) -> usize {
    ((side as f64 * scale).round() as usize).max(1)
}

#[track_caller]
fn probability(p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "a probability of {p}: it is from 0 to 1");
    p
}

#[track_caller]
fn factors(name: &str, range: RangeInclusive<f64>) -> RangeInclusive<f64> {
    let (low, high) = (*range.start(), *range.end());
    assert!(
        0.0 < low && low <= high && high <= 16.0,
        "{name}: factors from {low} to {high}: they are above 0 and at most 16"
    );
    range
}
