//! Functions of vectors, by the names that formulas have for them: what `fused!` writes calls these.

use crate::kernels::simd::{Mask, Vector, math};

macro_rules! lanes {
    ($($(#[$doc:meta])* $name:ident($($x:ident),+) = $e:expr;)*) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<V: Vector>($($x: V),+) -> V {
            $e
        }
    )* };
}

lanes! {
    /// The absolute value.
    abs(x) = x.abs();
    /// The cosine.
    cos(x) = x.cos();
    /// e to the power of `x`.
    exp(x) = x.exp();
    /// The natural logarithm.
    ln(x) = x.ln();
    /// The probability that a standard normal variable is at most `x`.
    normal_cdf(x) = math::normal_cdf(x);
    /// `1 / x`.
    recip(x) = x.number(1.0) / x;
    /// `x` where it is positive (or NaN), else 0.
    relu(x) = x.number(0.0).simd_max(x);
    /// `1 / sqrt(x)`.
    rsqrt(x) = x.number(1.0) / x.sqrt();
    /// `1 / (1 + exp(-x))`.
    sigmoid(x) = x.sigmoid();
    /// 1 or -1 with the sign of `x`; a zero and NaN stay.
    sign(x) = {
        let one = x.number(1.0).copysign(x);
        x.simd_lt(x.number(0.0)).or(x.number(0.0).simd_lt(x)).select(one, x)
    };
    /// The sine.
    sin(x) = x.sin();
    /// `ln(1 + exp(x))`, which overflows nowhere.
    softplus(x) = x.number(0.0).simd_max(x) + (-x.abs()).exp().ln_1p_unit();
    /// The square root.
    sqrt(x) = x.sqrt();
    /// `x * x`.
    square(x) = x * x;
    /// The hyperbolic tangent.
    tanh(x) = x.tanh();
    /// The larger; NaN where one of the two is NaN.
    max(a, b) = a.is_nan().select(a, a.simd_max(b));
    /// The smaller; NaN where one of the two is NaN.
    min(a, b) = a.is_nan().select(a, a.simd_min(b));
    /// `x` to a power, the same in all lanes.
    pow(x, exponent) = x.powf(exponent);
    /// `x` where `a < b`, else `y`.
    where_lt(a, b, x, y) = a.simd_lt(b).select(x, y);
    /// `x` where `a <= b`, else `y`.
    where_le(a, b, x, y) = a.simd_lt(b).or(a.simd_eq(b)).select(x, y);
    /// `x` where `a == b`, else `y`.
    where_eq(a, b, x, y) = a.simd_eq(b).select(x, y);
}
