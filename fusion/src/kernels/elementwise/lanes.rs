//! Functions of vectors, by the names that formulas have for them: what `fused!` writes calls these.

use crate::kernels::simd::{Mask, Vector, math};

macro_rules! lanes {
    (
        $($method:ident)*;
        $($(#[$doc:meta])* $name:ident($($x:ident),+) = $e:expr;)*
    ) => {
        $(
            /// The vector's method.
            #[inline(always)]
            pub fn $method<V: Vector>(x: V) -> V {
                x.$method()
            }
        )*
        $(
            $(#[$doc])*
            #[inline(always)]
            pub fn $name<V: Vector>($($x: V),+) -> V {
                $e
            }
        )*
    };
}

lanes! {
    abs acos asin atan ceil cos cosh erf exp exp_m1 floor ln ln_1p log2 sigmoid sin sinh sqrt tan tanh trunc;
    /// The probability that a standard normal variable is at most `x`.
    normal_cdf(x) = math::normal_cdf(x);
    /// `1 / x`.
    recip(x) = x.number(1.0) / x;
    /// `x` where it is positive (or NaN), else 0.
    relu(x) = x.number(0.0).simd_max(x);
    /// The nearest integer, of two the even one.
    round(x) = x.round_ties_even();
    /// `1 / sqrt(x)`.
    rsqrt(x) = x.number(1.0) / x.sqrt();
    /// 1 for positive numbers, -1 for negative ones, 0 for 0 and NaN.
    sign(x) = {
        let zero = x.number(0.0);
        let negative = x.simd_lt(zero).select(x.number(-1.0), zero);
        zero.simd_lt(x).select(x.number(1.0), negative)
    };
    /// `ln(1 + exp(x))`, which overflows nowhere.
    softplus(x) = x.number(0.0).simd_max(x) + (-x.abs()).exp().ln_1p_unit();
    /// `x * x`.
    square(x) = x * x;
    /// `tanh(ln(1 + e^x))`: with `s = sigmoid(x)` and `q = sigmoid(-x)` it is `s * (1 + q) / (1 + q * q)`, which overflows
    /// nowhere.
    tanh_softplus(x) = {
        let (s, q, one) = (x.sigmoid(), (-x).sigmoid(), x.number(1.0));
        s * (one + q) / q.mul_add(q, one)
    };
    /// The larger; NaN where one of the two is NaN.
    max(a, b) = a.is_nan().select(a, a.simd_max(b));
    /// The smaller; NaN where one of the two is NaN.
    min(a, b) = a.is_nan().select(a, a.simd_min(b));
    /// `x` to the power of `e`.
    pow(x, e) = x.powf(e);
    /// `x` where `a < b`, else `y`.
    where_lt(a, b, x, y) = a.simd_lt(b).select(x, y);
    /// `x` where `a <= b`, else `y`.
    where_le(a, b, x, y) = a.simd_lt(b).or(a.simd_eq(b)).select(x, y);
    /// `x` where `a == b`, else `y`.
    where_eq(a, b, x, y) = a.simd_eq(b).select(x, y);
}
