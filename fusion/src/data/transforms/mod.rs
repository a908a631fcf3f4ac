//! What is done to samples before a network sees them, a whole batch at a time.
//!
//! A [`Transform`] is a function of a batch, with random choices from the batch's [`Draw`]; several in a row are a tuple.
//! Those of images take `Tensor<(B, C, H, W), T>` with pixels of `u8` or `f32` ([`Pixel`]), and also pairs `(x, y)` of such
//! images and anything else, which they let through. Definitions are those of torchvision's `transforms.v2`.
//!
//! ```
//! use fusion::data::Draw;
//! use fusion::data::transforms::*;
//! use fusion::prelude::*;
//!
//! // 40 images of CIFAR's size and their labels, as bytes.
//! let x = Tensor::<shape![Dyn, 3, 32, 32], u8>::from_fn_sized(&[40, 3, 32, 32], |i| (i % 251) as u8)?;
//! let y = Tensor::<shape![Dyn], i64>::zeros_sized(&[40])?;
//!
//! let augment = (
//!     RandomCrop::<dim!(32), dim!(32)>::new().padding::<dim!(4)>(Reflect),
//!     RandomHorizontalFlip::new(0.5),
//!     Normalize::cifar10(),
//! );
//! let samples: Vec<usize> = (0..40).collect();
//! let (x, y) = augment.apply((x, y), &mut Draw::new(0, 0, 0, &samples));
//! let _: (Tensor<shape![Dyn, 3, 32, 32]>, Tensor<shape![Dyn], i64>) = (x, y);
//! # Ok::<(), fusion::Error>(())
//! ```
//!
//! **In which order.** What moves pixels, crops, flips and paddings, is fastest on bytes: they are a quarter of the memory.
//! [`Normalize`] takes bytes too, so that it is the last and makes `f32` of them in the same pass. Colours are changed before
//! it, [`Cutout`] and [`Mixup`] come behind it.
//!
//! | torchvision | here |
//! | --- | --- |
//! | `Compose`, `Lambda` | a tuple, [`Map`] |
//! | `ToDtype(scale=True)`, `Normalize` | [`ToFloat`], [`Normalize`] |
//! | `Pad`, `CenterCrop`, `RandomCrop` | [`Pad`], [`CenterCrop`], [`RandomCrop`] |
//! | `RandomHorizontalFlip` | [`RandomHorizontalFlip`], [`AlternatingFlip`] |
//! | `Resize`, `RandomResizedCrop` | [`Resize`], [`RandomResizedCrop`] |
//! | `RandomRotation`, `RandomAffine` | [`RandomRotation`], [`RandomAffine`] |
//! | `ColorJitter`, `Grayscale` | [`ColorJitter`], [`Grayscale`] |
//! | `RandomErasing` | [`RandomErasing`], [`Cutout`] |
//! | `MixUp`, `CutMix` | [`Mixup`], [`CutMix`], [`OneHot`] |
//!
//! **The same draw, the same batch.** A transform asks [`Draw::rng`] for the same numbers in the same order whatever is in
//! the images: image by image, and of one image in the order in which its documentation names them.

mod affine;
mod colour;
mod crop;
mod erase;
mod flip;
mod mix;
mod normalize;
mod resize;

pub use crate::kernels::images::Pixel;
pub use affine::{RandomAffine, RandomRotation};
pub use colour::{ColorJitter, Colours, Grayscale};
pub use crop::{CenterCrop, Pad, RandomCrop};
pub use erase::{Cutout, RandomErasing};
pub use flip::{AlternatingFlip, RandomHorizontalFlip};
pub use mix::{CutMix, Mixup, OneHot, Targets};
pub use normalize::{Normalize, ToFloat};
pub use resize::{Interpolation, RandomResizedCrop, Resize};

use super::Draw;
use crate::graph::Link;
use crate::kernels::Array;
use crate::tensor::Tensor;
use std::fmt;
use std::ops::RangeInclusive;

/// A function of a batch, with random choices from the batch's [`Draw`].
///
/// Several after another are a tuple of up to eight, torchvision's `Compose`; `()` does nothing; [`Map`] is a closure.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::prelude::*;
///
/// /// Darkens each batch by a factor of its own.
/// struct Darken;
///
/// impl<S: Shape> Transform<Tensor<S>> for Darken {
///     type Output = Tensor<S>;
///
///     fn apply(&self, x: Tensor<S>, draw: &mut Draw<'_>) -> Tensor<S> {
///         x * draw.rng().random_range(0.5f32..1.0)
///     }
/// }
///
/// let x = Tensor::<shape![2, 3]>::ones();
/// let y = (Darken, Darken).apply(x, &mut Draw::new(0, 0, 0, &[4, 7]));
/// assert!(y.to_vec().iter().all(|&y| y < 1.0));
/// ```
#[doc(alias = "Compose")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not transform a batch of `{X}`",
    label = "not a transform of it",
    note = "transforms of images take `Tensor<(B, C, H, W), T>` with `T` = `u8` or `f32`, or a pair `(images, targets)`",
    note = "a closure is a transform as `Map(|x| ..)`, and several transforms are one as a tuple of up to eight"
)]
pub trait Transform<X> {
    /// What becomes of the batch.
    type Output;

    /// The transformed batch.
    #[track_caller]
    fn apply(&self, x: X, draw: &mut Draw<'_>) -> Self::Output;
}

impl<X> Transform<X> for () {
    type Output = X;

    fn apply(&self, x: X, _: &mut Draw<'_>) -> X {
        x
    }
}

impl<X, A: Transform<X>> Transform<X> for &A {
    type Output = A::Output;

    fn apply(&self, x: X, draw: &mut Draw<'_>) -> A::Output {
        (**self).apply(x, draw)
    }
}

/// One after another: each takes what the one before it gives.
macro_rules! tuples {
    ($($First:ident $($T:ident after $Before:ident)*;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<X, $First: Transform<X>, $($T: Transform<$Before::Output>),*> Transform<X> for ($First, $($T,)*) {
            type Output = tuples!(@last $First $($T)*);

            #[allow(non_snake_case, reason = "a place of the tuple has the name of its type")]
            fn apply(&self, x: X, draw: &mut Draw<'_>) -> Self::Output {
                let ($First, $($T,)*) = self;
                let x = $First.apply(x, draw);
                $(let x = $T.apply(x, draw);)*
                x
            }
        }
    )* };
    (@last $T:ident) => { $T::Output };
    (@last $T:ident $($rest:ident)+) => { tuples!(@last $($rest)+) };
}
tuples! {
    T1;
    T1 T2 after T1;
    T1 T2 after T1 T3 after T2;
    T1 T2 after T1 T3 after T2 T4 after T3;
    T1 T2 after T1 T3 after T2 T4 after T3 T5 after T4;
    T1 T2 after T1 T3 after T2 T4 after T3 T5 after T4 T6 after T5;
    T1 T2 after T1 T3 after T2 T4 after T3 T5 after T4 T6 after T5 T7 after T6;
    T1 T2 after T1 T3 after T2 T4 after T3 T5 after T4 T6 after T5 T7 after T6 T8 after T7;
}

/// A closure as a transform, of the batch as it is: of a pair where there are targets. torchvision's `Lambda`.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::Map;
/// use fusion::prelude::*;
///
/// let centred = Map(|(x, y): (Tensor<shape![Dyn, 2]>, Vec<&'static str>)| (x - 0.5, y));
/// let x = Tensor::<shape![Dyn, 2]>::full_sized(0.75, &[1, 2])?;
/// let (x, _) = centred.apply((x, vec!["grey"]), &mut Draw::new(0, 0, 0, &[0]));
/// assert_eq!(x.to_vec(), [0.25, 0.25]);
/// # Ok::<(), fusion::Error>(())
/// ```
#[doc(alias = "Lambda")]
#[derive(Clone, Copy)]
pub struct Map<F>(pub F);

impl<F> fmt::Debug for Map<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Map(..)")
    }
}

impl<X, R, F: Fn(X) -> R> Transform<X> for Map<F> {
    type Output = R;

    fn apply(&self, x: X, _: &mut Draw<'_>) -> R {
        (self.0)(x)
    }
}

/// Lets the targets of pairs through these transforms of images.
macro_rules! targets_pass {
    ($([$($params:tt)*] $T:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<X, Y, $($params)*> $crate::data::Transform<(X, Y)> for $T
        where
            Self: $crate::data::Transform<X>,
        {
            type Output = (<Self as $crate::data::Transform<X>>::Output, Y);

            fn apply(&self, (x, y): (X, Y), draw: &mut $crate::data::Draw<'_>) -> Self::Output {
                (self.apply(x, draw), y)
            }
        }
    )* };
}
use targets_pass;

/// The elements of a batch. Nothing here has a gradient, so a traced tensor is refused.
#[track_caller]
fn elements<S, T>(x: Tensor<S, T>) -> Array {
    let (array, link) = x.into_value().into_parts();
    assert!(
        link.trace().is_none() && !link.wants_gradient() && !matches!(link, Link::Inference),
        "the transforms of a batch have no gradient: apply them before trace(), or call detach() first"
    );
    array
}

/// The rule of a range to draw from: finite numbers in order, inside of `bounds`.
#[track_caller]
fn range(what: &str, range: RangeInclusive<f64>, bounds: RangeInclusive<f64>) -> RangeInclusive<f64> {
    let (low, high) = (*range.start(), *range.end());
    let fits = low <= high && bounds.contains(&low) && bounds.contains(&high);
    assert!(fits, "{what} from {low} to {high}: it is a range inside of {bounds:?}");
    range
}

/// The rule of a probability.
#[track_caller]
fn probability(p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "a probability of {p}: it is from 0 to 1");
    p
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_another_each_with_its_own_numbers() {
        use rand::RngExt;

        struct Push;
        impl Transform<Vec<u64>> for Push {
            type Output = Vec<u64>;
            fn apply(&self, mut x: Vec<u64>, draw: &mut Draw<'_>) -> Vec<u64> {
                x.push(draw.rng().random());
                x
            }
        }
        let draw = || Draw::new(1, 2, 3, &[0]);
        let eight =
            (Push, Push, Push, &Push, Push, (Push,), (), (Push, Map(|x: Vec<u64>| x))).apply(vec![], &mut draw());
        let mut same = draw();
        assert_eq!(eight, (0..7).map(|_| same.rng().random()).collect::<Vec<u64>>());
    }

    #[test]
    #[should_panic(expected = "apply them before trace()")]
    fn a_traced_batch_is_refused() {
        use crate::dim::Num;
        let x = Tensor::<(Num<1>, Num<1>, Num<2>, Num<2>)>::ones().watch();
        RandomHorizontalFlip::new(0.5).apply(x, &mut Draw::new(0, 0, 0, &[0]));
    }
}
