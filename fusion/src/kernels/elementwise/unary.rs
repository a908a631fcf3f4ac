//! Functions of one element.

use super::functions;
use crate::kernels::array::Array;
use crate::kernels::simd::{Float, math};

functions! {
    /// `-x`.
    neg(x) = -x;
    /// e to the power of `x`.
    exp(x) = x.exp();
    /// The natural logarithm: negative infinity for 0, NaN for negative numbers.
    ln(x) = x.ln();
    /// The probability that a standard normal variable is at most `x`.
    normal_cdf(x) = math::normal_cdf(x);
    /// The hyperbolic tangent.
    tanh(x) = x.tanh();
    /// The sine.
    sin(x) = x.map_lanes(Float::sin);
    /// The cosine.
    cos(x) = x.map_lanes(Float::cos);
    /// The square root: NaN for negative numbers.
    sqrt(x) = x.sqrt();
    /// `x * x`.
    square(x) = x * x;
    /// `1 / x`.
    recip(x) = x.number(1.0) / x;
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
    /// `x` to the power of `s`, element by element.
    powf(x; s) = {
        let s = s.lane_0();
        x.map_lanes(|x| x.powf(s))
    };
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
