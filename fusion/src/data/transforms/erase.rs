//! Rectangles of images erased.

use super::resize::sides;
use super::{Pixel, Transform, elements, probability, range, targets_pass};
use crate::data::Draw;
use crate::dim::Dim;
use crate::kernels::images::{Rect, erase};
use crate::tensor::Tensor;
use rand::RngExt;
use std::ops::RangeInclusive;

/// Erases a random rectangle of each image with probability `p` (Zhong et al., [Random Erasing Data
/// Augmentation](https://arxiv.org/abs/1708.04896), 2017). torchvision's `RandomErasing`.
///
/// The rectangle's share of the area is between 0.02 and 0.33, and its height by its width between 0.3 and 3.3, evenly by
/// logarithm. For each image it draws whether, and then an area and a proportion, again until they fit the image but ten
/// times at most, and the row and the column of the upper left corner. If none of the ten fits, the image stays.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::RandomErasing;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2, 3, 8, 8], u8>::full(9);
/// let y = RandomErasing::new(1.0).value(1.0).apply(x, &mut Draw::new(0, 0, 0, &[0, 1]));
/// assert!(y.to_vec().contains(&1));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RandomErasing {
    p: f64,
    scale: RangeInclusive<f64>,
    ratio: RangeInclusive<f64>,
    value: f32,
}

impl RandomErasing {
    /// With this probability; torchvision's is 0.5.
    ///
    /// # Panics
    /// If it is not from 0 to 1.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        Self { p: probability(p), scale: 0.02..=0.33, ratio: 0.3..=3.3, value: 0.0 }
    }

    /// With rectangles of so much of the image's area.
    ///
    /// # Panics
    /// If it is no range from 0 to 1.
    #[must_use]
    #[track_caller]
    pub fn scale(self, scale: RangeInclusive<f64>) -> Self {
        Self { scale: range("RandomErasing: a scale", scale, 0.0..=1.0), ..self }
    }

    /// With rectangles whose height by their width is in this range.
    ///
    /// # Panics
    /// If it is no range of numbers above 0.
    #[must_use]
    #[track_caller]
    pub fn ratio(self, ratio: RangeInclusive<f64>) -> Self {
        Self { ratio: range("RandomErasing: a ratio", ratio, f64::MIN_POSITIVE..=f64::MAX), ..self }
    }

    /// With this number in the rectangles, in the unit of the pixels; by default 0.
    #[must_use]
    pub fn value(self, value: f32) -> Self {
        Self { value, ..self }
    }

    /// The rectangle of an image of this height and width.
    fn part(&self, [rows, columns]: [usize; 2], draw: &mut Draw<'_>) -> Option<Rect> {
        let rng = draw.rng();
        if !rng.random_bool(self.p) {
            return None;
        }
        for _ in 0..10 {
            // Height by width, where crops have width by height.
            let [width, height] = sides(rows * columns, &self.scale, &self.ratio, rng);
            if (1..rows).contains(&height) && (1..columns).contains(&width) {
                let (top, left) = (rng.random_range(0..=rows - height), rng.random_range(0..=columns - width));
                return Some(Rect { top, left, height, width });
            }
        }
        None
    }
}

impl<B: Dim, C: Dim, H: Dim, W: Dim, T: Pixel> Transform<Tensor<(B, C, H, W), T>> for RandomErasing {
    type Output = Tensor<(B, C, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, H, W), T>, draw: &mut Draw<'_>) -> Self::Output {
        erased(x, self.value, |size| self.part(size, draw))
    }
}

#[track_caller]
fn erased<S, T: Pixel>(x: Tensor<S, T>, value: f32, mut part: impl FnMut([usize; 2]) -> Option<Rect>) -> Tensor<S, T> {
    let x = elements(x);
    let size = [2, 3].map(|axis| x.shape().get(axis));
    let parts: Vec<Option<Rect>> = (0..x.shape().get(0)).map(|_| part(size)).collect();
    Tensor::wrap(erase(x, &parts, value).into())
}

/// Erases a square about a random pixel of each image, of which a part may lie outside (DeVries and Taylor, [Improved
/// Regularization of Convolutional Neural Networks with Cutout](https://arxiv.org/abs/1708.04552), 2017).
///
/// After [`Normalize`](super::Normalize) the 0 that it leaves is the mean. For each image it draws the row and the column of
/// the pixel, each as likely as the others.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::Cutout;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![1, 1, 8, 8], u8>::full(9);
/// let y = Cutout::new(4).apply(x, &mut Draw::new(0, 0, 0, &[0]));
/// let erased = y.to_vec().iter().filter(|&&x| x == 0).count();
/// assert!((4..=16).contains(&erased));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cutout {
    side: usize,
    value: f32,
}

impl Cutout {
    /// Erases squares of so many pixels to a side; the paper takes 16 for CIFAR-10.
    pub fn new(side: usize) -> Self {
        Self { side, value: 0.0 }
    }

    /// With this number in the squares, in the unit of the pixels; by default 0.
    #[must_use]
    pub fn value(self, value: f32) -> Self {
        Self { value, ..self }
    }

    /// The square about a pixel as far as it lies inside: rows or columns, of so many.
    fn span(&self, centre: usize, n: usize) -> [usize; 2] {
        let start = centre.saturating_sub(self.side / 2);
        // An even side has one pixel more in front of the middle one than behind it.
        let end = (centre + self.side.div_ceil(2)).min(n);
        [start, end - start]
    }
}

impl<B: Dim, C: Dim, H: Dim, W: Dim, T: Pixel> Transform<Tensor<(B, C, H, W), T>> for Cutout {
    type Output = Tensor<(B, C, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, H, W), T>, draw: &mut Draw<'_>) -> Self::Output {
        erased(x, self.value, |[rows, columns]| {
            if rows == 0 || columns == 0 {
                return None;
            }
            let centre = [rows, columns].map(|n| draw.rng().random_range(0..n));
            let [[top, height], [left, width]] = [self.span(centre[0], rows), self.span(centre[1], columns)];
            Some(Rect { top, left, height, width })
        })
    }
}

targets_pass! {
    [] RandomErasing;
    [] Cutout;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};

    #[test]
    fn rectangles_have_the_areas_and_proportions_that_are_allowed() {
        let erasing = RandomErasing::new(0.6).scale(0.1..=0.3).ratio(1.0..=3.0);
        let mut draw = Draw::new(1, 2, 3, &[]);
        let parts: Vec<Rect> = (0..4000).filter_map(|_| erasing.part([200, 300], &mut draw)).collect();
        assert!((2250..=2550).contains(&parts.len()), "{} of 4000", parts.len());
        for part in &parts {
            let (area, ratio) = (part.height * part.width, part.height as f64 / part.width as f64);
            assert!(part.top + part.height <= 200 && part.left + part.width <= 300);
            assert!((5800..=18300).contains(&area) && (0.95..=3.1).contains(&ratio), "{part:?}");
        }
        let area = parts.iter().map(|part| (part.height * part.width) as f64).sum::<f64>() / parts.len() as f64;
        assert!((area / 12000.0 - 1.0).abs() < 0.05, "{area}");
        assert_eq!(erasing.part([1, 1], &mut draw), None);
    }

    #[test]
    fn squares_are_cut_at_the_edges() {
        let spans = |side| (0..4).map(|centre| Cutout::new(side).span(centre, 4)).collect::<Vec<_>>();
        assert_eq!(spans(2), [[0, 1], [0, 2], [1, 2], [2, 2]]);
        assert_eq!(spans(3), [[0, 2], [0, 3], [1, 3], [2, 2]]);
        assert_eq!(spans(1), [[0, 1], [1, 1], [2, 1], [3, 1]]);
        assert_eq!(spans(9), [[0, 4]; 4]);
        assert_eq!(spans(0), [[0, 0], [1, 0], [2, 0], [3, 0]]);
        let none = Tensor::<(Dyn, Num<1>, Dyn, Dyn), u8>::zeros_sized(&[2, 1, 0, 3]).unwrap();
        assert_eq!(Cutout::new(2).apply((none, 'y'), &mut Draw::new(0, 0, 0, &[])).0.shape(), [2, 1, 0, 3]);
    }

    /// Every pixel of a batch is erased as often as its place says.
    #[test]
    fn each_centre_is_as_likely() {
        let x = Tensor::<(Dyn, Num<1>, Num<3>, Num<3>), u8>::full_sized(1, &[4500, 1, 3, 3]).unwrap();
        let y = Cutout::new(1).apply(x, &mut Draw::new(3, 0, 0, &[])).to_vec();
        let counts: Vec<usize> =
            (0..9).map(|place| y.iter().skip(place).step_by(9).filter(|&&x| x == 0).count()).collect();
        assert_eq!(counts.iter().sum::<usize>(), 4500);
        assert!(counts.iter().all(|count| (400..=600).contains(count)), "{counts:?}");
    }
}
