//! Special functions, computed in `f64` and one element after the other where vectors have none.

use super::functions;
use crate::kernels::simd::{Float, Mask, math};
use std::f64::consts::PI;

functions! {
    /// The logarithm of the size of the gamma function.
    lgamma(x) = x.map_lanes(|x| in_f64(x, lgamma_of));
    /// The derivative number `n` of the digamma function.
    polygamma(x; n) = {
        let n: f64 = n.lane_0().into();
        x.map_lanes(|x| in_f64(x, |x| polygamma_of(n as u32, x)))
    };
    /// The modified Bessel function of the first kind, of order 0.
    i0(x) = x.map_lanes(|x| in_f64(x, |x| bessel_i(0, x)));
    /// The modified Bessel function of the first kind, of order 1.
    i1(x) = x.map_lanes(|x| in_f64(x, |x| bessel_i(1, x)));
    /// The inverse of the error function.
    erfinv(x) = math::erfinv(x);
    /// The logarithm of the probability that a standard normal variable is at most `x`.
    log_ndtr(x) = math::log_normal_cdf(x);
    /// The slope of [`log_ndtr`].
    normal_hazard(x) = math::normal_hazard(x);
    /// `x * ln(y)`, but 0 where `x` is 0 and `y` is not NaN; broadcast.
    xlogy(x, y) = {
        let zero = x.number(0.0);
        let value = x.simd_eq(zero).select(zero, x * y.ln());
        y.is_nan().select(y, value)
    };
}

fn in_f64<T: Float>(x: T, f: impl Fn(f64) -> f64) -> T {
    T::from_f64(f(x.into()))
}

/// Where the asymptotic series below have all digits.
const FAR: f64 = 12.0;

/// Stirling's series behind a shift of the argument, and reflection below 1/2; right to 1e-14 of 1 beside its zeros, which
/// are exact.
#[inline(never)]
fn lgamma_of(x: f64) -> f64 {
    if x == 1.0 || x == 2.0 {
        return 0.0;
    }
    if x.is_infinite() {
        return f64::INFINITY;
    }
    if x < 0.5 {
        // From the nearest integer, so that the sine has all digits.
        let sine = (PI * (x - x.round())).sin().abs();
        return if sine == 0.0 { f64::INFINITY } else { (PI / sine).ln() - lgamma_of(1.0 - x) };
    }
    let (mut x, mut product) = (x, 1.0);
    while x < FAR {
        product *= x;
        x += 1.0;
    }
    let z = 1.0 / (x * x);
    let terms = [-1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0, 1.0 / 156.0];
    let series = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * z) + 1.0 / 12.0;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * PI).ln() + series / x - product.ln()
}

/// The Bernoulli numbers B2, B4, ..
const BERNOULLI: [f64; 9] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
    43_867.0 / 798.0,
];

/// The derivative number `n` of the digamma function; that itself for 0.
#[inline(never)]
fn polygamma_of(n: u32, x: f64) -> f64 {
    match n {
        0 => digamma_of(x),
        // Reflection.
        1 if x < 0.5 => {
            let sine = (PI * (x - x.round())).sin();
            if sine == 0.0 { f64::INFINITY } else { (PI / sine).powi(2) - polygamma_of(1, 1.0 - x) }
        }
        _ => {
            let sign = if n.is_multiple_of(2) { -1.0 } else { 1.0 };
            sign * (1..=n).map(f64::from).product::<f64>() * hurwitz(n as i32 + 1, x)
        }
    }
}

fn digamma_of(x: f64) -> f64 {
    if x == 0.0 {
        return f64::INFINITY.copysign(-x);
    }
    if x < 0.0 {
        let part = x - x.round();
        return if part == 0.0 { f64::NAN } else { digamma_of(1.0 - x) - PI / (PI * part).tan() };
    }
    let (mut x, mut sum) = (x, 0.0);
    while x < FAR {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let z = 1.0 / (x * x);
    // The terms B2k / (2k) / x^(2k).
    let series = BERNOULLI.iter().enumerate().rev().fold(0.0, |tail, (k, b)| (tail + b / (2 * k + 2) as f64) * z);
    sum + x.ln() - 0.5 / x - series
}

/// The sum of `1 / (x + k)^s` over all `k` from 0 on, by Euler and Maclaurin's formula behind the first terms; NaN below
/// -1000, where these would be too many.
fn hurwitz(s: i32, x: f64) -> f64 {
    if x < -1000.0 {
        return f64::NAN;
    }
    let (mut x, mut sum) = (x, 0.0);
    let far = FAR + f64::from(s);
    while x < far {
        sum += x.powi(-s);
        x += 1.0;
    }
    let order = f64::from(s);
    sum += x.powi(1 - s) / (order - 1.0) + 0.5 * x.powi(-s);
    // s (s + 1) .. (s + 2k - 2) / (2k)! / x^(s + 2k - 1).
    let mut factor = order * x.powi(-s - 1) / 2.0;
    for (k, b) in BERNOULLI.iter().enumerate() {
        sum += b * factor;
        let next = (2 * k) as f64;
        factor *= (order + next + 1.0) * (order + next + 2.0) / ((next + 3.0) * (next + 4.0)) / (x * x);
    }
    sum
}

/// The modified Bessel function of the first kind, of order 0 or 1: its power series, whose terms are of one sign, up to 30,
/// and Hankel's asymptotic series beyond, which is right to the last digit there.
#[inline(never)]
fn bessel_i(order: i32, x: f64) -> f64 {
    let size = x.abs();
    let value = if size.is_infinite() {
        size
    } else if size <= 30.0 {
        let (mut term, square) = ((0.5 * size).powi(order), 0.25 * size * size);
        let (mut sum, mut k) = (term, 1.0);
        while term > 1e-17 * sum {
            term *= square / (k * (k + f64::from(order)));
            sum += term;
            k += 1.0;
        }
        sum
    } else {
        let four = f64::from(4 * order * order);
        let (mut term, mut sum, mut k) = (1.0f64, 1.0, 1.0);
        while term.abs() > 1e-17 && k < 30.0 {
            let odd = 2.0 * k - 1.0;
            term *= (odd * odd - four) / (8.0 * k * size);
            sum += term;
            k += 1.0;
        }
        // In two halves, so that it overflows no earlier than its value.
        let half = (0.5 * size).exp();
        half * (half * (sum / (2.0 * PI * size).sqrt()))
    };
    if order == 1 { value.copysign(x) } else { value }
}
