//! What belongs to the normal distribution.

use super::polynomial::{polynomial, single};
use crate::kernels::simd::vector::{Mask, Vector};

/// Where [`UPPER_TAIL`]'s variable is 0.
const MIDDLE: f64 = 2.5;

/// The Chebyshev coefficients of `exp(z^2) erfc(z) (z + c) / 2` as a function of `(z - c) / (z + c)`, which goes from -1 to
/// 1 as `z` goes from 0 to infinity, for `c` = [`MIDDLE`]; the method of Shepherd and Laframboise, Chebyshev Approximation of
/// (1 + 2x) exp(x^2) erfc x, 1981. Those left out are below 2e-16, behind the eleventh below 4e-9.
const UPPER_TAIL: [f64; 23] = [
    0.645_143_332_428_635_9,
    -0.464_031_329_816_434_5,
    0.119_573_250_626_186_1,
    -0.020_159_800_283_921_198,
    0.001_386_427_694_274_626,
    0.000_241_235_287_260_938_14,
    -5.743_913_921_911_587_4e-5,
    -2.759_054_241_339_872_7e-6,
    1.890_197_213_012_661_5e-6,
    5.274_830_042_939_215_6e-8,
    -6.851_575_115_301_532e-8,
    -3.250_524_617_231_782_6e-9,
    2.696_608_488_010_176e-9,
    2.764_418_088_525_218_5e-10,
    -1.041_721_349_193_358e-10,
    -2.128_407_123_951_911_7e-11,
    3.177_469_016_274_859_4e-12,
    1.416_550_683_044_125_3e-12,
    -4.714_660_183_449_959e-15,
    -7.786_204_142_625_37e-14,
    -1.035_246_455_575_251e-14,
    2.986_271_229_623_958_4e-15,
    1.078_859_070_609_765_7e-15,
];

/// `exp(z^2) erfc(z) / 2` for `z` from 0 on.
#[inline(always)]
fn scaled_tail<V: Vector>(z: V) -> V {
    let middle = z.number(MIDDLE);
    let t = (z - middle) / (z + middle);
    // Clenshaw's recurrence.
    let (twice, terms) = (t + t, if single::<V>() { 11 } else { UPPER_TAIL.len() });
    let (mut last, mut before) = (z.number(0.0), z.number(0.0));
    for &c in UPPER_TAIL[1..terms].iter().rev() {
        (last, before) = (twice.mul_add(last, z.number(c)) - before, last);
    }
    (t.mul_add(last, z.number(UPPER_TAIL[0])) - before) / (z + middle)
}

/// `erfc(z) / 2` for `z` from 0 on.
#[inline(always)]
fn upper_tail<V: Vector>(z: V) -> V {
    (-(z * z)).exp() * scaled_tail(z)
}

/// The error function of `x`, within 1.3 units in the last place of `f32`: `2 / sqrt(pi)` times the integral of `exp(-t^2)` from 0 to `x`.
#[inline(always)]
pub fn erf<V: Vector>(x: V) -> V {
    let one = x.number(1.0);
    // Beyond 6 that is 1 all the same; a NaN stays.
    let z = x.number(6.0).simd_min(x.abs());
    let square = z * z;
    // Near 0 minimax polynomials of erf(x) / x - 1 as a function of x^2, relative errors 1e-9 and 1e-17.
    let q = if single::<V>() { polynomial(square, &NEAR_0_SINGLE) } else { polynomial(square, &NEAR_0) };
    let near = q.mul_add(z, z);
    z.simd_lt(one).select(near, one - x.number(2.0) * upper_tail(z)).copysign(x)
}

/// The coefficients of `erf(x) / x - 1` as a function of `x^2` from 0 to 1, highest power first, for `f32`.
const NEAR_0_SINGLE: [f64; 7] = [
    7.888_791_16e-5,
    -8.020_845_7e-4,
    5.189_536_46e-3,
    -2.685_444_56e-2,
    1.128_360_02e-1,
    -3.761_262_71e-1,
    1.283_791_659e-1,
];

/// As [`NEAR_0_SINGLE`], for `f64`.
const NEAR_0: [f64; 12] = [
    -7.801_188_874_097_752e-10,
    1.372_297_626_592_450_3e-8,
    -1.620_917_591_174_869_6e-7,
    1.644_751_767_787_187_4e-6,
    -1.492_474_466_333_549e-5,
    1.205_529_532_049_429_4e-4,
    -8.548_325_989_696_758e-4,
    5.223_977_607_423_468e-3,
    -2.686_617_064_327_62e-2,
    1.128_379_167_094_525_3e-1,
    -3.761_263_890_318_354_5e-1,
    1.283_791_670_955_125_7e-1,
];

/// The probability that a standard normal variable is at most `x`: `(1 + erf(x / sqrt(2))) / 2`, without the loss of digits
/// that this formula has below 0.
#[inline(always)]
pub fn normal_cdf<V: Vector>(x: V) -> V {
    // Beyond 40 the tail is 0 all the same; a NaN stays.
    let z = x.number(40.0).simd_min(x.abs() * x.number(std::f64::consts::FRAC_1_SQRT_2));
    let tail = upper_tail(z);
    x.simd_lt(x.number(0.0)).select(tail, x.number(1.0) - tail)
}

/// The logarithm of [`normal_cdf`], without the loss of digits that it has far below 0.
#[inline(always)]
pub fn log_normal_cdf<V: Vector>(x: V) -> V {
    let z = x.abs() * x.number(std::f64::consts::FRAC_1_SQRT_2);
    // Beyond 1e18 the tail is 0 all the same; a NaN stays.
    let scaled = scaled_tail(x.number(1e18).simd_min(z));
    let above = (-((-(z * z)).exp() * scaled)).ln_1p();
    x.simd_lt(x.number(0.0)).select(scaled.ln() - z * z, above)
}

/// The slope of [`log_normal_cdf`]: the density by the probability.
#[inline(always)]
pub fn normal_hazard<V: Vector>(x: V) -> V {
    let z = x.number(1e18).simd_min(x.abs() * x.number(std::f64::consts::FRAC_1_SQRT_2));
    let scaled = scaled_tail(z);
    let e = (-(z * z)).exp();
    x.number(DENSITY_AT_0) * x.simd_lt(x.number(0.0)).select(x.number(1.0) / scaled, e / (x.number(1.0) - e * scaled))
}

/// The inverse of [`erf`]: infinite at -1 and 1, NaN outside. A rational function, made good by two steps of Newton's.
#[inline(always)]
pub fn erfinv<V: Vector>(x: V) -> V {
    let (one, size) = (x.number(1.0), x.abs());
    let z = x * x;
    let near = x * polynomial(z, &[-0.140_543_331, 0.914_624_893, -1.645_349_621, 0.886_226_899])
        / polynomial(z, &[0.012_229_801, -0.329_097_515, 1.442_710_462, -2.118_377_725, 1.0]);
    let w = (-((one - size) * x.number(0.5)).ln()).sqrt();
    let far = polynomial(w, &[1.641_345_311, 3.429_567_803, -1.624_906_493, -1.970_840_454])
        / polynomial(w, &[1.637_067_8, 3.543_889_2, 1.0]);
    let mut y = size.simd_lt(x.number(0.7)).select(near, far.copysign(x));
    for _ in 0..2 {
        y = y - (erf(y) - x) * (y * y).exp() * x.number(1.0 / std::f64::consts::FRAC_2_SQRT_PI);
    }
    let end = x.number(f64::INFINITY).copysign(x);
    size.simd_eq(one).select(end, size.simd_lt(one).select(y, x.number(f64::NAN)))
}

/// The density of the standard normal distribution at `x`.
#[inline(always)]
pub fn normal_density<V: Vector>(x: V) -> V {
    (x * x * x.number(-0.5)).exp() * x.number(DENSITY_AT_0)
}

/// `1 / sqrt(2 pi)`.
pub const DENSITY_AT_0: f64 = std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2 / 2.0;
