//! Images turned, moved, stretched and sheared.

use super::{Interpolation, Pixel, Transform, elements, range, targets_pass};
use crate::data::Draw;
use crate::dim::Dim;
use crate::kernels::images::{Affine, affine, warp};
use crate::tensor::Tensor;
use rand::RngExt;
use std::ops::RangeInclusive;

/// From `-most` to `most`.
#[track_caller]
fn around_zero(what: &str, most: f64, bound: f64) -> RangeInclusive<f64> {
    assert!((0.0..=bound).contains(&most), "{what} of up to {most}: it is from 0 to {bound}");
    -most..=most
}

/// Turns each image about its middle by an angle of its own. torchvision's `RandomRotation`.
///
/// Angles are in degrees, counter-clockwise. Pixels are the nearest ones, and what comes from outside is 0: see
/// [`RandomRotation::interpolation`] and [`RandomRotation::fill`]. It draws one number for each image.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::RandomRotation;
/// use fusion::prelude::*;
///
/// let quarter = RandomRotation::between(90.0..=90.0);
/// let x = Tensor::<shape![1, 1, 2, 2], u8>::from([[[[1, 2], [3, 4]]]]);
/// assert_eq!(quarter.apply(x, &mut Draw::new(0, 0, 0, &[0])).to_vec(), [2, 4, 1, 3]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RandomRotation {
    degrees: RangeInclusive<f64>,
    look: Look,
}

/// How an image is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Look {
    interpolation: Interpolation,
    fill: f32,
}

impl Default for Look {
    fn default() -> Self {
        Self { interpolation: Interpolation::Nearest, fill: 0.0 }
    }
}

impl Look {
    #[track_caller]
    fn at<S, T: Pixel>(self, x: Tensor<S, T>, mut map: impl FnMut([usize; 2]) -> Affine) -> Tensor<S, T> {
        let x = elements(x);
        let size = [2, 3].map(|axis| x.shape().get(axis));
        let maps: Vec<Affine> = (0..x.shape().get(0)).map(|_| map(size)).collect();
        Tensor::wrap(warp(&x, &maps, self.interpolation == Interpolation::Bilinear, self.fill).into())
    }
}

impl RandomRotation {
    /// By up to so many degrees in either direction.
    ///
    /// # Panics
    /// If it is not from 0 to 360.
    #[track_caller]
    pub fn new(degrees: f64) -> Self {
        Self { degrees: around_zero("RandomRotation: degrees", degrees, 360.0), look: Look::default() }
    }

    /// By an angle in this range.
    ///
    /// # Panics
    /// If it is no range.
    #[track_caller]
    pub fn between(degrees: RangeInclusive<f64>) -> Self {
        Self { degrees: range("RandomRotation: an angle", degrees, -360.0..=360.0), look: Look::default() }
    }
}

impl<B: Dim, C: Dim, H: Dim, W: Dim, T: Pixel> Transform<Tensor<(B, C, H, W), T>> for RandomRotation {
    type Output = Tensor<(B, C, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, H, W), T>, draw: &mut Draw<'_>) -> Self::Output {
        // Rows are counted downwards, so that a positive angle would turn clockwise.
        self.look.at(x, |_| affine(-draw.rng().random_range(self.degrees.clone()), [0.0; 2], 1.0, [0.0; 2]))
    }
}

/// Turns, moves, stretches and shears each image about its middle, each by numbers of its own. torchvision's `RandomAffine`.
///
/// An image is sheared first, then stretched and turned, clockwise, then moved by whole pixels. Pixels are the nearest ones, and what comes
/// from outside is 0. For each image it draws the angle, how far it moves across and down, the factor, and the angles by
/// which it is sheared across and down: those of these that were asked for.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::{Interpolation, RandomAffine};
/// use fusion::prelude::*;
///
/// let affine = RandomAffine::new(10.0).translate(0.1, 0.1).scale(0.9..=1.1).interpolation(Interpolation::Bilinear);
/// let x = Tensor::<shape![2, 1, 28, 28]>::ones();
/// let y = affine.apply(x, &mut Draw::new(0, 0, 0, &[0, 1]));
/// assert!(y.get(&[1, 0, 14, 14]).unwrap() > 0.999);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RandomAffine {
    degrees: RangeInclusive<f64>,
    translate: Option<[f64; 2]>,
    scale: Option<RangeInclusive<f64>>,
    shear: Option<[RangeInclusive<f64>; 2]>,
    look: Look,
}

impl RandomAffine {
    /// By up to so many degrees in either direction.
    ///
    /// # Panics
    /// If it is not from 0 to 360.
    #[track_caller]
    pub fn new(degrees: f64) -> Self {
        let degrees = around_zero("RandomAffine: degrees", degrees, 360.0);
        Self { degrees, translate: None, scale: None, shear: None, look: Look::default() }
    }

    /// Moved by up to these parts of the width and of the height, in either direction.
    ///
    /// # Panics
    /// If they are not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub fn translate(mut self, width: f64, height: f64) -> Self {
        let most = |part: f64| *around_zero("RandomAffine: a move", part, 1.0).end();
        self.translate = Some([most(width), most(height)]);
        self
    }

    /// Made larger by a factor in this range, or smaller by one below 1.
    ///
    /// # Panics
    /// If it is no range of numbers above 0.
    #[must_use]
    #[track_caller]
    pub fn scale(mut self, scale: RangeInclusive<f64>) -> Self {
        self.scale = Some(range("RandomAffine: a factor", scale, f64::MIN_POSITIVE..=f64::MAX));
        self
    }

    /// Sheared by up to so many degrees across and down, in either direction.
    ///
    /// # Panics
    /// If they are not from 0 to 89.
    #[must_use]
    #[track_caller]
    pub fn shear(mut self, across: f64, down: f64) -> Self {
        let most = |degrees: f64| around_zero("RandomAffine: a shear", degrees, 89.0);
        self.shear = Some([most(across), most(down)]);
        self
    }
}

impl<B: Dim, C: Dim, H: Dim, W: Dim, T: Pixel> Transform<Tensor<(B, C, H, W), T>> for RandomAffine {
    type Output = Tensor<(B, C, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, H, W), T>, draw: &mut Draw<'_>) -> Self::Output {
        let rng = draw.rng();
        self.look.at(x, |[height, width]| {
            let angle = rng.random_range(self.degrees.clone());
            let mut step = |part: f64, n: usize| {
                let most = part * n as f64;
                rng.random_range(-most..=most).round_ties_even()
            };
            let by = self.translate.map_or([0.0; 2], |[across, down]| [step(across, width), step(down, height)]);
            let scale = self.scale.as_ref().map_or(1.0, |scale| rng.random_range(scale.clone()));
            let shear = self.shear.as_ref().map_or([0.0; 2], |shear| shear.clone().map(|s| rng.random_range(s)));
            affine(angle, by, scale, shear)
        })
    }
}

/// Says how images are looked at.
macro_rules! looks {
    ($($T:ty)*) => { $(
        impl $T {
            /// With this way of making pixels. At the edges of the image a bilinear one is `w (s - fill) + fill`, where s is
            /// the weighted sum of those of four pixels that lie inside, and w the sum of their weights.
            #[must_use]
            pub fn interpolation(mut self, interpolation: Interpolation) -> Self {
                self.look.interpolation = interpolation;
                self
            }

            /// With this number around images, in the unit of their pixels.
            #[must_use]
            pub fn fill(mut self, fill: f32) -> Self {
                self.look.fill = fill;
                self
            }
        }
    )* };
}
looks!(RandomRotation RandomAffine);

targets_pass! {
    [] RandomRotation;
    [] RandomAffine;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};
    use std::collections::BTreeSet;

    type Images = Tensor<(Dyn, Num<1>, Num<9>, Num<9>)>;

    /// Images with one bright pixel in the middle of the right half.
    fn points(n: usize) -> Images {
        Tensor::from_fn_sized(&[n, 1, 9, 9], |i| f32::from(i % 81 == 4 * 9 + 7)).unwrap()
    }

    /// Where the bright pixels are, from the middle.
    fn places(x: &Images) -> Vec<[f64; 2]> {
        let all = x.to_vec();
        let bright = all.chunks(81).filter_map(|image| image.iter().position(|&x| x == 1.0));
        bright.map(|place| [(place / 9) as f64 - 4.0, (place % 9) as f64 - 4.0]).collect()
    }

    #[test]
    fn angles_go_round_evenly() {
        let y = RandomRotation::new(180.0).apply(points(4000), &mut Draw::new(1, 0, 0, &[]));
        let places = places(&y);
        // At 0.838 of all angles some pixel is nearest to the bright one: counted over 36,000 of them.
        assert!((3240..=3460).contains(&places.len()), "{}", places.len());
        assert!(places.iter().all(|[row, column]| ((row * row + column * column).sqrt() - 3.0).abs() < 0.2));
        let n = places.len() as f64;
        for k in 0..2 {
            let mean = places.iter().map(|place| place[k]).sum::<f64>() / n;
            assert!(mean.abs() < 0.2, "{mean}");
        }
    }

    #[test]
    fn a_positive_angle_turns_counter_clockwise() {
        let of = |degrees: f64| {
            let rotation = RandomRotation::between(degrees..=degrees);
            places(&rotation.apply(points(1), &mut Draw::new(1, 0, 0, &[])))[0]
        };
        assert_eq!((of(90.0), of(-90.0), of(180.0)), ([-3.0, 0.0], [3.0, 0.0], [0.0, -3.0]));
    }

    #[test]
    fn moves_are_whole_pixels_in_their_range() {
        let affine = RandomAffine::new(0.0).translate(0.3, 0.2);
        let places = places(&affine.apply(points(3000), &mut Draw::new(1, 0, 0, &[])));
        let seen = |k: usize| places.iter().map(|place| place[k] as i64).collect::<BTreeSet<_>>();
        // 0.2 of 9 is 1.8, 0.3 is 2.7; the last two columns lie outside.
        assert_eq!((seen(0), seen(1)), ((-2..=2).collect(), (0..=4).collect()));
        let one = Tensor::<(Num<1>, Num<2>, Num<1>, Num<1>)>::ones();
        let affine = RandomAffine::new(30.0).scale(0.5..=2.0).shear(5.0, 5.0).fill(3.0);
        assert_eq!(affine.apply((one.clone(), 5), &mut Draw::new(1, 0, 0, &[])).0, one);
    }

    #[test]
    #[should_panic(expected = "RandomAffine: a move of up to 1.5: it is from 0 to 1")]
    fn a_move_beyond_the_image() {
        let _ = RandomAffine::new(0.0).translate(0.1, 1.5);
    }
}
