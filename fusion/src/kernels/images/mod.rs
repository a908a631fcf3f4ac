//! Images before a network sees them: `[N, C, H, W]` of bytes or of `f32`, in C order.

mod colour;
mod erase;
mod flip;
mod normalize;
mod resize;
mod warp;
mod window;

pub use colour::{Adjust, adjust, greyscale};
pub use erase::{blend, erase, exchange};
pub use flip::flip;
pub use normalize::{normalize, statistics, to_float};
pub use resize::{Filter, Rect, resize};
pub use warp::{Affine, affine, warp};
pub use window::{Edge, windows};

use crate::kernels::dtype::Element;

/// A pixel's number in one channel: `u8` from 0 to 255, or `f32` from 0 to 1.
///
/// ```
/// use fusion::data::transforms::Pixel;
///
/// assert_eq!((u8::WHITE, f32::WHITE), (255.0, 1.0));
/// ```
#[diagnostic::on_unimplemented(
    message = "an image has pixels of `u8` or `f32`, not of `{Self}`",
    label = "no image",
    note = "`u8` counts from 0 to 255, `f32` from 0 to 1"
)]
pub trait Pixel: Element {
    /// The brightest.
    const WHITE: f32;

    /// The same number.
    #[doc(hidden)]
    fn to_f32(self) -> f32;

    /// The nearest number that a pixel may have, of two the even one.
    #[doc(hidden)]
    fn from_f32(x: f32) -> Self;

    /// This number, from 0 to white, as far as a pixel can have it: a byte drops its fraction.
    #[doc(hidden)]
    fn truncated(x: f32) -> Self;
}

impl Pixel for u8 {
    const WHITE: f32 = 255.0;

    #[inline(always)]
    fn to_f32(self) -> f32 {
        f32::from(self)
    }

    #[inline(always)]
    fn from_f32(x: f32) -> Self {
        rounded(x.clamp(0.0, Self::WHITE)) as Self
    }

    #[inline(always)]
    fn truncated(x: f32) -> Self {
        x as Self
    }
}

impl Pixel for f32 {
    const WHITE: f32 = 1.0;

    #[inline(always)]
    fn to_f32(self) -> f32 {
        self
    }

    #[inline(always)]
    fn from_f32(x: f32) -> Self {
        x
    }

    #[inline(always)]
    fn truncated(x: f32) -> Self {
        x.clamp(0.0, Self::WHITE)
    }
}

/// The nearest whole number to one that is not larger than a million, of two the even one.
///
/// `round_ties_even` is a call where the instructions of any x86-64 are all that may be used.
#[inline(always)]
fn rounded(x: f32) -> f32 {
    // Numbers from 2^23 on have no fraction; half of that more keeps what is negative there.
    const WHOLE: f32 = 1.5 * (1 << 23) as f32;
    (x + WHOLE) - WHOLE
}

/// Runs `$body` with `$T` standing for the type of pixels of `$dtype`.
macro_rules! pixels {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::kernels::DType::U8 => {
                type $T = u8;
                $body
            }
            $crate::kernels::DType::F32 => {
                type $T = f32;
                $body
            }
            other => panic!("an image has pixels of u8 or f32, not of {other}"),
        }
    };
}
pub(in crate::kernels::images) use pixels;
