//! Functions of one element.

use super::{functions, lanes};
use crate::kernels::array::Array;
use crate::kernels::simd::Mask;

functions! {
    /// `-x`.
    neg(x) = -x;
    /// e to the power of `x`.
    exp(x) = x.exp();
    /// The natural logarithm: negative infinity for 0, NaN for negative numbers.
    ln(x) = x.ln();
    /// `e^x - 1`.
    exp_m1(x) = x.exp_m1();
    /// `ln(1 + x)`.
    ln_1p(x) = x.ln_1p();
    /// The logarithm to base 2.
    log2(x) = x.log2();
    /// The sine.
    sin(x) = x.sin();
    /// The cosine.
    cos(x) = x.cos();
    /// The tangent.
    tan(x) = x.tan();
    /// The arc sine: NaN outside of -1 to 1.
    asin(x) = x.asin();
    /// The arc cosine: NaN outside of -1 to 1.
    acos(x) = x.acos();
    /// The arc tangent.
    atan(x) = x.atan();
    /// The hyperbolic sine.
    sinh(x) = x.sinh();
    /// The hyperbolic cosine.
    cosh(x) = x.cosh();
    /// The error function.
    erf(x) = x.erf();
    /// The absolute value.
    abs(x) = x.abs();
    /// 1 for positive numbers, -1 for negative ones, 0 for 0 and NaN.
    sign(x) = lanes::sign(x);
    /// The largest integer up to `x`.
    floor(x) = x.floor();
    /// The smallest integer from `x` on.
    ceil(x) = x.ceil();
    /// The integer part of `x`.
    trunc(x) = x.trunc();
    /// The nearest integer, of two the even one.
    round(x) = x.round_ties_even();
    /// `1 / sqrt(x)`.
    rsqrt(x) = lanes::rsqrt(x);
    /// 1 where `x` is neither infinite nor NaN, else 0.
    finite_mask(x) = x.abs().simd_lt(x.number(f64::INFINITY)).select(x.number(1.0), x.number(0.0));
    /// 1 where `x` is NaN, else 0.
    nan_mask(x) = x.is_nan().select(x.number(1.0), x.number(0.0));
    /// `x`, but these numbers in place of NaN and of both infinities.
    nan_to_num(x; nan, positive, negative) = {
        let infinity = x.number(f64::INFINITY);
        let y = x.simd_eq(infinity).select(positive, x.simd_eq(-infinity).select(negative, x));
        x.is_nan().select(nan, y)
    };
    /// The square root: NaN for negative numbers.
    sqrt(x) = x.sqrt();
    /// `x * x`.
    square(x) = x * x;
    /// `1 / x`.
    recip(x) = lanes::recip(x);
    /// 1, whatever `x` is.
    one(x) = x.number(1.0);
    /// `x * x * x`.
    cube(x) = x * x * x;
    /// `x + s`.
    add_scalar(x; s) = x + s;
    /// `x * s`.
    mul_scalar(x; s) = x * s;
    /// `s - x`.
    rsub_scalar(x; s) = s - x;
    /// `x / s`.
    div_scalar(x; s) = x / s;
    /// `s / x`.
    rdiv_scalar(x; s) = s / x;
    /// `x` where it lies between `low` and `high`, else the nearer of the two; NaN stays.
    clamp(x; low, high) = high.simd_min(low.simd_max(x));
    /// The gradient of [`clamp`]: `g` where its argument `x` lies between `low` and `high`, else 0. An infinite number is no
    /// bound.
    clamp_grad(g, x; low, high) = {
        let infinity = g.number(f64::INFINITY);
        let (above, below) = (low.simd_lt(x).or(low.simd_eq(-infinity)), x.simd_lt(high).or(high.simd_eq(infinity)));
        above.and(below).select(g, g.number(0.0))
    };
    /// `x` to the power of `s`.
    powf(x; s) = x.powf(s);
}

/// `x` to the power of `s`: exact for the exponents 0, 1, 2, 3, -1 and 0.5 as in PyTorch, and right for negative `x` with
/// every whole exponent.
#[track_caller]
pub fn pow_scalar(a: Array, s: f64) -> Array {
    match s {
        0.0 => one(a),
        1.0 => a,
        2.0 => square(a),
        3.0 => cube(a),
        -1.0 => recip(a),
        0.5 => sqrt(a),
        _ => powf(a, s),
    }
}
