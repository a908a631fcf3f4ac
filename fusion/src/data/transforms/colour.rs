//! Colours of images.

use super::{Pixel, Transform, elements, targets_pass};
use crate::data::Draw;
use crate::dim::{Dim, Dyn, Num};
use crate::kernels::Array;
use crate::kernels::images::{Adjust, adjust, greyscale};
use crate::tensor::Tensor;
use rand::RngExt;
use rand::seq::SliceRandom;

/// The channels of images that have colours: 3, red, green and blue, or 1, which is grey. A [`Dyn`] is checked when the
/// program runs.
///
/// ```
/// use fusion::data::transforms::Colours;
/// use fusion::prelude::*;
///
/// fn has<C: Colours>() {}
/// has::<dim!(3)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "colours are those of images with 1 or 3 channels, not with {Self}",
    label = "no colours"
)]
pub trait Colours: Dim {}
impl Colours for Num<1> {}
impl Colours for Num<3> {}
impl<Name: ?Sized + 'static> Colours for Dyn<Name> where Self: Dim {}

/// The rule of [`Colours`] at run time.
#[track_caller]
fn coloured(name: &str, x: Array) -> Array {
    let channels = x.shape().get(1);
    assert!([1, 3].contains(&channels), "{name}: for images of 1 or 3 channels, and these have {channels}");
    x
}

/// Changes brightness, contrast, saturation and hue of each image, each by factors of its own and in an order of its own.
/// torchvision's `ColorJitter`.
///
/// Images have 1 or 3 channels, and pixels from 0 to 255 of `u8` or from 0 to 1 of `f32`; so it comes before
/// [`Normalize`](super::Normalize). For each image it draws the order, then the factors of what was asked for: brightness,
/// contrast, saturation, hue.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::ColorJitter;
/// use fusion::prelude::*;
///
/// let jitter = ColorJitter::new().brightness(0.4).contrast(0.4).saturation(0.4).hue(0.1);
/// let x = Tensor::<shape![1, 3, 1, 1], u8>::from([[[[200]], [[100]], [[50]]]]);
/// let y = jitter.apply(x.clone(), &mut Draw::new(1, 0, 0, &[0]));
/// assert_ne!(y, x);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ColorJitter {
    brightness: Option<f64>,
    contrast: Option<f64>,
    saturation: Option<f64>,
    hue: Option<f64>,
}

/// How far a factor is from 1, at most.
#[track_caller]
fn amount(what: &str, amount: f64) -> Option<f64> {
    assert!(amount >= 0.0 && amount.is_finite(), "ColorJitter: a {what} of {amount}: it is finite and not below 0");
    Some(amount)
}

impl ColorJitter {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With each pixel multiplied by a factor from `1 - amount`, at least 0, to `1 + amount`.
    ///
    /// # Panics
    /// If the amount is below 0.
    #[must_use]
    #[track_caller]
    pub fn brightness(self, by: f64) -> Self {
        Self { brightness: amount("brightness", by), ..self }
    }

    /// With each pixel's distance from the mean of the image in grey multiplied by such a factor.
    ///
    /// # Panics
    /// If the amount is below 0.
    #[must_use]
    #[track_caller]
    pub fn contrast(self, by: f64) -> Self {
        Self { contrast: amount("contrast", by), ..self }
    }

    /// With each pixel's distance from itself in grey multiplied by such a factor. One channel stays.
    ///
    /// # Panics
    /// If the amount is below 0.
    #[must_use]
    #[track_caller]
    pub fn saturation(self, by: f64) -> Self {
        Self { saturation: amount("saturation", by), ..self }
    }

    /// With each pixel's hue turned by so much of a whole turn at most, in either direction. One channel stays.
    ///
    /// # Panics
    /// If it is not from 0 to 0.5.
    #[must_use]
    #[track_caller]
    pub fn hue(self, by: f64) -> Self {
        assert!((0.0..=0.5).contains(&by), "ColorJitter: a hue of {by}: it is from 0 to 0.5");
        Self { hue: Some(by), ..self }
    }

    /// What is done to one image.
    fn steps(&self, draw: &mut Draw<'_>) -> Vec<Adjust> {
        let rng = draw.rng();
        let mut order = [0, 1, 2, 3];
        order.shuffle(rng);
        let mut factor = |by: Option<f64>| by.map(|by| rng.random_range((1.0 - by).max(0.0)..=1.0 + by) as f32);
        let factors = [self.brightness, self.contrast, self.saturation].map(&mut factor);
        let hue = self.hue.map(|by| rng.random_range(-by..=by) as f32);
        let step = |&which: &usize| match which {
            0 => factors[0].map(Adjust::Brightness),
            1 => factors[1].map(Adjust::Contrast),
            2 => factors[2].map(Adjust::Saturation),
            _ => hue.map(Adjust::Hue),
        };
        order.iter().filter_map(step).collect()
    }
}

impl<B: Dim, C: Colours, H: Dim, W: Dim, T: Pixel> Transform<Tensor<(B, C, H, W), T>> for ColorJitter {
    type Output = Tensor<(B, C, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, H, W), T>, draw: &mut Draw<'_>) -> Self::Output {
        let x = coloured("ColorJitter", elements(x));
        let each: Vec<Vec<Adjust>> = (0..x.shape().get(0)).map(|_| self.steps(draw)).collect();
        Tensor::wrap(adjust(x, &each).into())
    }
}

/// Images in grey: `[B, 3, H, W]` to `[B, 1, H, W]`, `0.2989 red + 0.587 green + 0.114 blue`, of which bytes drop the fraction.
/// torchvision's `Grayscale`.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::Grayscale;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![1, 3, 1, 1], u8>::from([[[[200]], [[100]], [[50]]]]);
/// let y: Tensor<shape![1, 1, 1, 1], u8> = Grayscale.apply(x, &mut Draw::new(0, 0, 0, &[0]));
/// assert_eq!(y.to_vec(), [124]);
/// ```
#[doc(alias = "rgb_to_grayscale")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grayscale;

impl<B: Dim, C: Colours, H: Dim, W: Dim, T: Pixel> Transform<Tensor<(B, C, H, W), T>> for Grayscale {
    type Output = Tensor<(B, Num<1>, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, H, W), T>, _: &mut Draw<'_>) -> Self::Output {
        Tensor::wrap(greyscale(&coloured("Grayscale", elements(x))).into())
    }
}

targets_pass! {
    [] ColorJitter;
    [] Grayscale;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_and_orders_are_even() {
        let jitter = ColorJitter::new().brightness(0.4).contrast(1.5).hue(0.2);
        let mut draw = Draw::new(1, 0, 0, &[]);
        let (mut bright, mut contrast, mut hue, mut first) = (vec![], vec![], vec![], [0usize; 3]);
        for _ in 0..6000 {
            let steps = jitter.steps(&mut draw);
            assert_eq!(steps.len(), 3);
            for step in &steps {
                match step {
                    Adjust::Brightness(factor) => bright.push(*factor),
                    Adjust::Contrast(factor) => contrast.push(*factor),
                    Adjust::Hue(turn) => hue.push(*turn),
                    Adjust::Saturation(_) => panic!("nobody asked for it"),
                }
            }
            first[match steps[0] {
                Adjust::Brightness(_) => 0,
                Adjust::Contrast(_) => 1,
                _ => 2,
            }] += 1;
        }
        assert!(first.iter().all(|count| (1850..=2150).contains(count)), "{first:?}");
        for (list, [low, high]) in [(bright, [0.6, 1.4]), (contrast, [0.0, 2.5]), (hue, [-0.2, 0.2])] {
            let (n, half) = (list.len() as f32, (high - low) / 2.0);
            assert!(list.iter().all(|x| (low..=high).contains(x)));
            let mean = list.iter().sum::<f32>() / n;
            let spread = (list.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / n).sqrt();
            assert!((mean - (low + high) / 2.0).abs() < 0.05 * half, "{mean} of {low} to {high}");
            assert!((spread * 3f32.sqrt() / half - 1.0).abs() < 0.05, "{spread} of {low} to {high}");
        }
        assert!(ColorJitter::new().steps(&mut draw).is_empty());
    }

    #[test]
    #[should_panic(expected = "ColorJitter: for images of 1 or 3 channels, and these have 2")]
    fn colours_of_two_channels() {
        let x = Tensor::<(Num<1>, Dyn, Num<1>, Num<1>)>::zeros_sized(&[1, 2, 1, 1]).unwrap();
        ColorJitter::new().apply(x, &mut Draw::new(0, 0, 0, &[]));
    }

    #[test]
    #[should_panic(expected = "ColorJitter: a hue of 0.6: it is from 0 to 0.5")]
    fn more_than_half_a_turn() {
        let _ = ColorJitter::new().hue(0.6);
    }
}
