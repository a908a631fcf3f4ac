//! Hyperbolic functions.

use super::exponential::{exp_m1, half_exp};
use super::polynomial::{polynomial, single};
use crate::kernels::simd::vector::{F32Vector, FloatVector, Mask};

/// The hyperbolic tangent of `x`, within 1.4 units in the last place of `f32`, 2.5 of `f64`.
#[inline(always)]
pub fn tanh<V: FloatVector>(x: V) -> V {
    let (one, two, size) = (x.number(1.0), x.number(2.0), x.abs());
    if single::<V>() {
        // Near 0 a minimax polynomial of (tanh(x) / x - 1) / x^2, relative error 3e-9; else 1 - 2 / (exp(2 |x|) + 1).
        let z = size * size;
        let q = polynomial(z, &[-5.905_867_3e-3, 2.080_538_4e-2, -5.378_668_3e-2, 1.333_195_8e-1, -3.333_33e-1]);
        let near = (q * z).mul_add(size, size);
        let far = one - two / ((size + size).exp() + one);
        size.simd_lt(x.number(0.6)).select(near, far).copysign(x)
    } else {
        // Beyond 22 that is 1 all the same; a NaN stays.
        let size = x.number(22.0).simd_min(size);
        let t = exp_m1(size + size);
        (t / (t + two)).copysign(x)
    }
}

/// The hyperbolic sine of `x`, within 1.7 units in the last place.
#[inline(always)]
pub fn sinh<V: F32Vector>(x: V) -> V {
    let size = x.abs();
    // Near 0 a minimax polynomial of (sinh(x) / x - 1) / x^2, relative error 6e-11.
    let z = size * size;
    let q = polynomial(z, &[2.817_434_52e-6, 1.983_606_75e-4, 8.333_350_59e-3, 1.666_666_65e-1]);
    let near = (q * z).mul_add(size, size);
    let half = half_exp(size);
    let far = half - x.number(0.25) / half;
    size.simd_lt(x.number(1.0)).select(near, far).copysign(x)
}

/// The hyperbolic cosine of `x`, within 1.5 units in the last place.
#[inline(always)]
pub fn cosh<V: F32Vector>(x: V) -> V {
    let half = half_exp(x.abs());
    half + x.number(0.25) / half
}
