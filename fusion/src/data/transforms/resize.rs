//! Images brought to another size.

use super::{Pixel, Transform, elements, range, targets_pass};
use crate::data::Draw;
use crate::dim::{Dim, Nat};
use crate::kernels::Array;
use crate::kernels::images::{Filter, Rect, resize};
use crate::tensor::Tensor;
use rand::RngExt;
use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeInclusive;

/// How a pixel is made of those around its place in the image that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// Of one of them. [`Resize`] counts places from the upper left corner and rounds down, as torchvision's `NEAREST`;
    /// rotations take the nearest.
    Nearest,
    /// The mean of the four around it, by their distance.
    Bilinear,
}

impl Interpolation {
    fn filter(self, antialias: bool) -> Filter {
        match self {
            Self::Nearest => Filter::Nearest,
            Self::Bilinear if antialias => Filter::Antialiased,
            Self::Bilinear => Filter::Bilinear,
        }
    }
}

/// Images brought to `H` x `W`, whatever their proportions: `[B, C, _, _]` to `[B, C, H, W]`. torchvision's `Resize`.
///
/// It is bilinear, and antialiased where images become smaller. Bytes are rounded to the nearest. It draws nothing.
///
/// # Panics
/// When it is applied to images without pixels.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::Resize;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![1, 1, 2, 2]>::from([[[[0.0, 1.0], [2.0, 3.0]]]]);
/// let y = Resize::<dim!(1), dim!(4)>::new().apply(x, &mut Draw::new(0, 0, 0, &[0]));
/// assert_eq!(y.to_vec(), [1.0, 1.25, 1.75, 2.0]);
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Resize<H, W> {
    interpolation: Interpolation,
    antialias: bool,
    size: PhantomData<fn() -> (H, W)>,
}

impl<H: Nat, W: Nat> Resize<H, W> {
    /// Bilinear and antialiased.
    #[allow(clippy::new_without_default, reason = "without a size there is none")]
    pub fn new() -> Self {
        Self { interpolation: Interpolation::Bilinear, antialias: true, size: PhantomData }
    }

    /// With this way of making pixels.
    ///
    /// ```
    /// use fusion::data::{Draw, Transform};
    /// use fusion::data::transforms::{Interpolation, Resize};
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 1, 1, 3], u8>::from([[[[1, 2, 3]]]]);
    /// let resize = Resize::<dim!(1), dim!(5)>::new().interpolation(Interpolation::Nearest);
    /// assert_eq!(resize.apply(x, &mut Draw::new(0, 0, 0, &[0])).to_vec(), [1, 1, 2, 2, 3]);
    /// ```
    #[must_use]
    pub fn interpolation(self, interpolation: Interpolation) -> Self {
        Self { interpolation, ..self }
    }

    /// Whether a pixel of a smaller image is made of all that it stands for, or of four only.
    #[must_use]
    pub fn antialias(self, antialias: bool) -> Self {
        Self { antialias, ..self }
    }
}

impl<H: Nat, W: Nat> fmt::Debug for Resize<H, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resize({} x {}, {:?})", H::N, W::N, self.interpolation.filter(self.antialias))
    }
}

impl<B: Dim, C: Dim, Height: Dim, Width: Dim, H: Nat, W: Nat, T: Pixel> Transform<Tensor<(B, C, Height, Width), T>>
    for Resize<H, W>
{
    type Output = Tensor<(B, C, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, Height, Width), T>, _: &mut Draw<'_>) -> Self::Output {
        let x = elements(x);
        let [height, width] = with_pixels("Resize", &x);
        let filter = self.interpolation.filter(self.antialias);
        Tensor::wrap(resize(&x, &[Rect { top: 0, left: 0, height, width }], [H::N, W::N], filter).into())
    }
}

/// The height and the width of images that are not empty.
#[track_caller]
fn with_pixels(name: &str, x: &Array) -> [usize; 2] {
    let [height, width] = [2, 3].map(|axis| x.shape().get(axis));
    assert!(height > 0 && width > 0, "{name}: an image of {height} x {width} has no pixels");
    [height, width]
}

/// A random part of each image, brought to `H` x `W`: `[B, C, _, _]` to `[B, C, H, W]` (Szegedy et al., [Going Deeper with
/// Convolutions](https://arxiv.org/abs/1409.4842), 2014). torchvision's `RandomResizedCrop`.
///
/// The part's share of the area is between 0.08 and 1, and its width by its height between 3/4 and 4/3, evenly by logarithm.
/// It is bilinear and antialiased.
///
/// For each image it draws an area and a proportion, again until they fit the image but ten times at most, and then the
/// row and the column of the upper left corner. If none of the ten fits, it takes the largest part in the middle whose
/// proportion is allowed.
///
/// # Panics
/// When it is applied to images without pixels.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::RandomResizedCrop;
/// use fusion::prelude::*;
///
/// let crop = RandomResizedCrop::<dim!(4), dim!(4)>::new().scale(0.25..=1.0);
/// let x = Tensor::<shape![Dyn, 3, 8, 8], u8>::zeros_sized(&[2, 3, 8, 8])?;
/// let y: Tensor<shape![Dyn, 3, 4, 4], u8> = crop.apply(x, &mut Draw::new(0, 0, 0, &[0, 1]));
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct RandomResizedCrop<H, W> {
    scale: RangeInclusive<f64>,
    ratio: RangeInclusive<f64>,
    resize: Resize<H, W>,
}

impl<H: Nat, W: Nat> RandomResizedCrop<H, W> {
    /// With torchvision's ranges.
    #[allow(clippy::new_without_default, reason = "without a size there is none")]
    pub fn new() -> Self {
        Self { scale: 0.08..=1.0, ratio: 3.0 / 4.0..=4.0 / 3.0, resize: Resize::new() }
    }

    /// With parts of so much of the image's area.
    ///
    /// # Panics
    /// If it is no range from above 0 to 1.
    #[must_use]
    #[track_caller]
    pub fn scale(self, scale: RangeInclusive<f64>) -> Self {
        Self { scale: range("RandomResizedCrop: a scale", scale, f64::MIN_POSITIVE..=1.0), ..self }
    }

    /// With parts whose width by their height is in this range.
    ///
    /// # Panics
    /// If it is no range of numbers above 0.
    #[must_use]
    #[track_caller]
    pub fn ratio(self, ratio: RangeInclusive<f64>) -> Self {
        Self { ratio: range("RandomResizedCrop: a ratio", ratio, f64::MIN_POSITIVE..=f64::MAX), ..self }
    }

    /// With this way of making pixels.
    #[must_use]
    pub fn interpolation(self, interpolation: Interpolation) -> Self {
        Self { resize: self.resize.interpolation(interpolation), ..self }
    }

    /// As [`Resize::antialias`].
    #[must_use]
    pub fn antialias(self, antialias: bool) -> Self {
        Self { resize: self.resize.antialias(antialias), ..self }
    }

    /// The part of an image of this height and width.
    fn part(&self, [rows, columns]: [usize; 2], draw: &mut Draw<'_>) -> Rect {
        let rng = draw.rng();
        for _ in 0..10 {
            let [height, width] = sides(rows * columns, &self.scale, &self.ratio, rng);
            if (1..=rows).contains(&height) && (1..=columns).contains(&width) {
                let (top, left) = (rng.random_range(0..=rows - height), rng.random_range(0..=columns - width));
                return Rect { top, left, height, width };
            }
        }
        let (least, most) = (*self.ratio.start(), *self.ratio.end());
        let [mut height, mut width] = [rows, columns];
        let ratio = columns as f64 / rows as f64;
        if ratio < least {
            height = ((width as f64 / least).round_ties_even() as usize).clamp(1, rows);
        } else if ratio > most {
            width = ((height as f64 * most).round_ties_even() as usize).clamp(1, columns);
        }
        Rect { top: (rows - height) / 2, left: (columns - width) / 2, height, width }
    }
}

/// A random height and width of a part of an area: by the part's share of it, evenly, and by width over height, evenly by
/// logarithm.
pub(super) fn sides(
    area: usize,
    scale: &RangeInclusive<f64>,
    ratio: &RangeInclusive<f64>,
    rng: &mut rand::rngs::StdRng,
) -> [usize; 2] {
    let area = area as f64 * rng.random_range(scale.clone());
    let ratio = rng.random_range(ratio.start().ln()..=ratio.end().ln()).exp();
    [area / ratio, area * ratio].map(|square| square.sqrt().round_ties_even() as usize)
}

impl<H: Nat, W: Nat> fmt::Debug for RandomResizedCrop<H, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RandomResizedCrop({} x {}, scale {:?}, ratio {:?})", H::N, W::N, self.scale, self.ratio)
    }
}

impl<B: Dim, C: Dim, Height: Dim, Width: Dim, H: Nat, W: Nat, T: Pixel> Transform<Tensor<(B, C, Height, Width), T>>
    for RandomResizedCrop<H, W>
{
    type Output = Tensor<(B, C, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, Height, Width), T>, draw: &mut Draw<'_>) -> Self::Output {
        let x = elements(x);
        let size = with_pixels("RandomResizedCrop", &x);
        let parts: Vec<Rect> = (0..x.shape().get(0)).map(|_| self.part(size, draw)).collect();
        let filter = self.resize.interpolation.filter(self.resize.antialias);
        Tensor::wrap(resize(&x, &parts, [H::N, W::N], filter).into())
    }
}

targets_pass! {
    [H, W] Resize<H, W>;
    [H, W] RandomResizedCrop<H, W>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};

    #[test]
    fn parts_have_the_areas_and_proportions_that_are_allowed() {
        let crop = RandomResizedCrop::<Num<2>, Num<2>>::new().scale(0.2..=0.5).ratio(0.5..=2.0);
        let mut draw = Draw::new(1, 2, 3, &[]);
        let parts: Vec<Rect> = (0..4000).map(|_| crop.part([300, 300], &mut draw)).collect();
        let areas: Vec<f64> = parts.iter().map(|part| (part.height * part.width) as f64 / 90000.0).collect();
        let logs: Vec<f64> = parts.iter().map(|part| (part.width as f64 / part.height as f64).ln()).collect();
        assert!(parts.iter().all(|part| part.top + part.height <= 300 && part.left + part.width <= 300));
        assert!(areas.iter().all(|area| (0.19..0.51).contains(area)), "{areas:?}");
        assert!(logs.iter().all(|log| log.abs() < 0.71));
        // All of them fit at once, so that both are even.
        let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
        assert!((mean(&areas) - 0.35).abs() < 0.01, "{}", mean(&areas));
        assert!(mean(&logs).abs() < 0.05, "{}", mean(&logs));
        let tops: Vec<f64> = parts.iter().map(|part| part.top as f64 / (300 - part.height).max(1) as f64).collect();
        assert!((mean(&tops) - 0.5).abs() < 0.03, "{}", mean(&tops));
    }

    /// An image so narrow that nothing fits.
    #[test]
    fn what_never_fits_is_cut_from_the_middle() {
        let crop = RandomResizedCrop::<Num<2>, Num<2>>::new();
        let part = |size| crop.part(size, &mut Draw::new(0, 0, 0, &[]));
        assert_eq!(part([100, 3]), Rect { top: 48, left: 0, height: 4, width: 3 });
        assert_eq!(part([3, 100]), Rect { top: 0, left: 48, height: 3, width: 4 });
        let one = Tensor::<(Dyn, Num<1>, Num<1>, Num<1>), u8>::full_sized(9, &[2, 1, 1, 1]).unwrap();
        assert_eq!(crop.apply(one, &mut Draw::new(0, 0, 0, &[])).to_vec(), [9; 8]);
    }

    #[test]
    #[should_panic(expected = "RandomResizedCrop: a scale from 0.5 to 0.1: it is a range")]
    fn a_range_turned_round() {
        let _ = RandomResizedCrop::<Num<2>, Num<2>>::new().scale(0.5..=0.1);
    }

    #[test]
    #[should_panic(expected = "Resize: an image of 0 x 2 has no pixels")]
    fn of_no_pixels() {
        let x = Tensor::<(Dyn, Num<1>, Dyn, Num<2>), u8>::zeros_sized(&[1, 1, 0, 2]).unwrap();
        Resize::<Num<2>, Num<2>>::new().apply(x, &mut Draw::new(0, 0, 0, &[]));
    }
}
