//! Images before a network sees them: `[N, C, H, W]` of bytes or of `f32`, in C order.

mod flip;
mod normalize;
mod window;

pub use flip::flip;
pub use normalize::{normalize, statistics, to_float};
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
}

impl Pixel for u8 {
    const WHITE: f32 = 255.0;

    #[inline(always)]
    fn to_f32(self) -> f32 {
        f32::from(self)
    }

    #[inline(always)]
    fn from_f32(x: f32) -> Self {
        x.round_ties_even() as Self
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
