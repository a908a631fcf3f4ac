//! Elementary functions of vectors.
//!
//! Those of `f32` stay within 2 units in the last place over the whole range and give libm's values for zeros, infinities,
//! NaN, overflow and denormal results; each says its bound, which the tests measure on every kind of vector. They are made
//! of additions and multiplications that need not be fused, so that all kinds agree. Where `f32` alone does not do, as for
//! large angles and for powers, the same is computed in vectors of `f64` and rounded once. Of `f64`, `exp`, `ln`, `exp_m1`,
//! `ln_1p` and `tanh` are vectors' too; the others are the standard library's, lane by lane.

mod angles;
mod exponential;
mod hyperbolic;
mod logarithm;
mod normal;
mod polynomial;
#[cfg(test)]
mod tests;

pub use angles::{acos, asin, atan, atan2, cos, sin, tan};
pub use exponential::{exp, exp_m1, exp2};
pub use hyperbolic::{cosh, sinh, tanh};
pub use logarithm::{ln, ln_1p, ln_1p_unit, log2, powf};
pub use normal::{DENSITY_AT_0, erf, erfinv, log_normal_cdf, normal_cdf, normal_density, normal_hazard};

/// The elementary functions among a vector's methods, but for those made of the others.
macro_rules! elementary {
    (f32) => {
        elementary!(@all:
            exp2 = math::exp2, log2 = math::log2, sin = math::sin, cos = math::cos, tan = math::tan, asin = math::asin,
            acos = math::acos, atan = math::atan, sinh = math::sinh, cosh = math::cosh;
            atan2 = math::atan2, powf = math::powf
        );
    };
    (f64) => {
        elementary!(@all:
            exp2 = elementary!(@each exp2), log2 = elementary!(@each log2), sin = elementary!(@each sin),
            cos = elementary!(@each cos), tan = elementary!(@each tan), asin = elementary!(@each asin),
            acos = elementary!(@each acos), atan = elementary!(@each atan), sinh = elementary!(@each sinh),
            cosh = elementary!(@each cosh);
            atan2 = |y: Self, x| y.zip_lanes(x, f64::atan2), powf = |x: Self, e| x.zip_lanes(e, f64::powf)
        );
    };
    (@each $name:ident) => { |x: Self| x.map_lanes(f64::$name) };
    (@all: $($name:ident = $f:expr),*; $($two:ident = $g:expr),*) => {
        elementary!(@methods:
            exp = math::exp, exp_m1 = math::exp_m1, ln = math::ln, ln_1p = math::ln_1p, ln_1p_unit = math::ln_1p_unit,
            tanh = math::tanh, erf = math::erf, $($name = $f),*
        );
        $(
            #[inline(always)]
            fn $two(self, other: Self) -> Self {
                $g(self, other)
            }
        )*
    };
    (@methods: $($name:ident = $f:expr),*) => { $(
        #[inline(always)]
        fn $name(self) -> Self {
            $f(self)
        }
    )* };
}
pub(super) use elementary;
