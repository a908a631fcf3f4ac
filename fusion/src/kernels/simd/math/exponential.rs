//! Exponentials.

use super::polynomial::{polynomial, single};
use crate::kernels::simd::vector::{F32Vector, FloatVector, Mask, Vector};

/// The leading bits of ln 2, few enough that multiples by any exponent are exact, and the rest.
#[inline(always)]
pub(super) fn ln_2<V: Vector>(x: V) -> (V, V) {
    let (high, low) = if single::<V>() {
        (0.693_359_375, -2.121_944_4e-4)
    } else {
        (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10)
    };
    (x.number(high), x.number(low))
}

/// `e^r - 1` and `n + ROUND`, for `x` = `n ln(2) + r` with an integer `n` and `|r|` at most `ln(2) / 2`.
#[inline(always)]
fn parts<V: FloatVector>(x: V) -> (V, V) {
    let (high, low) = ln_2(x);
    let rounded = x.mul_add(x.number(std::f64::consts::LOG2_E), x.splat_like(V::ROUND));
    let n = rounded - x.splat_like(V::ROUND);
    let r = n.mul_add(-low, n.mul_add(-high, x));
    // Minimax polynomials of (e^r - 1 - r) / r^2: relative errors of e^r - 1 1.4e-8 and 2e-17.
    let q = if single::<V>() {
        polynomial(r, &[1.394_759_8e-3, 8.367_247e-3, 4.166_626_6e-2, 1.666_653_8e-1, 0.5])
    } else {
        polynomial(
            r,
            &[
                2.511_460_376_896_562_7e-8,
                2.762_644_735_416_352_5e-7,
                2.755_722_755_961_179_2e-6,
                2.480_150_415_787_587e-5,
                1.984_126_990_345_048_3e-4,
                1.388_888_893_260_293_7e-3,
                8.333_333_333_314_412e-3,
                4.166_666_666_657_3e-2,
                1.666_666_666_666_668_6e-1,
                0.5,
            ],
        )
    };
    ((r * r).mul_add(q, r), rounded)
}

/// `x` where its exponential and half of that are neither 0 nor infinite, else the nearer end; a NaN stays.
#[inline(always)]
fn within<V: Vector>(x: V) -> V {
    let (low, high) = if single::<V>() { (-104.0, 90.0) } else { (-746.0, 711.0) };
    x.number(high).simd_min(x.number(low).simd_max(x))
}

/// e to the power of `x`, within 1.1 units in the last place.
#[inline(always)]
pub fn exp<V: FloatVector>(x: V) -> V {
    let (p, rounded) = parts(within(x));
    (p + x.number(1.0)).times_power_of_2(rounded)
}

/// Half of e to the power of `x`: finite as far as hyperbolic functions are.
#[inline(always)]
pub(super) fn half_exp<V: FloatVector>(x: V) -> V {
    let (p, rounded) = parts(within(x));
    (p + x.number(1.0)).times_power_of_2(rounded - x.number(1.0))
}

/// `e^x - 1`, without the loss of digits near 0, within 1.8 units in the last place.
#[inline(always)]
pub fn exp_m1<V: FloatVector>(x: V) -> V {
    // 2^n (e^r - 1) + (2^n - 1), from half of it where 2^n itself would overflow; -1 far below 0.
    let (one, half) = (x.number(1.0), x.number(0.5));
    let last = x.number(if single::<V>() { 89.0 } else { 710.0 });
    let (p, rounded) = parts(last.simd_min(x.number(-40.0).simd_max(x)));
    let zero = half.splat_like(V::ROUND);
    let large = zero.simd_lt(rounded);
    let scale = one.times_power_of_2(large.select(rounded - one, rounded));
    let y = p.mul_add(scale, scale - large.select(half, one));
    let y = large.select(y + y, y);
    // Where n is 0 that is p, and the sign of 0 is x's.
    zero.simd_eq(rounded).select(p.copysign(x), y)
}

/// 2 to the power of `x`, within 1.3 units in the last place.
#[inline(always)]
pub fn exp2<V: F32Vector>(x: V) -> V {
    let x = x.number(129.0).simd_min(x.number(-151.0).simd_max(x));
    let rounded = x + x.splat_like(V::ROUND);
    let r = x - (rounded - x.splat_like(V::ROUND));
    // A minimax polynomial of (2^r - 1) / r for r from -1/2 to 1/2: error of 2^r 2e-9.
    let q = polynomial(
        r,
        &[1.547_612_5e-4, 1.340_023_9e-3, 9.618_004_5e-3, 5.550_327_9e-2, 2.402_265_13e-1, 6.931_472_06e-1],
    );
    q.mul_add(r, x.number(1.0)).times_power_of_2(rounded)
}
