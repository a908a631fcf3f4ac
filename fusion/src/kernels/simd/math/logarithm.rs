//! Logarithms, and powers, which are made of them.

use super::exponential::ln_2;
use super::polynomial::{polynomial, single};
use crate::kernels::simd::vector::{F32Vector, Float, FloatVector, Mask, Vector, Wide};

/// `m` and `e` of `x = (1 + m) * 2^e` with `1 + m` between the roots of 1/2 and 2, for positive `x`, denormal ones too.
#[inline(always)]
fn split<V: FloatVector>(x: V) -> (V, V) {
    let (least, bits) = if single::<V>() { (f64::from(f32::MIN_POSITIVE), 23) } else { (f64::MIN_POSITIVE, 52) };
    let denormal = x.simd_lt(x.number(least));
    let up = x.number((1u64 << bits) as f64);
    let (m, e) = denormal.select(x * up, x).mantissa_exponent();
    (m, e - denormal.select(x.number(f64::from(bits)), x.number(0.0)))
}

/// The logarithm `y` of `x`, with its values where `x` is not positive or not finite.
#[inline(always)]
fn ends<V: Vector>(x: V, y: V) -> V {
    let zero = x.number(0.0);
    let y = zero.simd_lt(x).select(y, x.number(f64::NAN));
    let y = x.simd_eq(zero).select(x.number(f64::NEG_INFINITY), y);
    x.simd_lt(x.splat_like(V::Elem::INFINITY)).select(y, x)
}

/// The natural logarithm of `x`, within 0.9 units in the last place.
#[inline(always)]
pub fn ln<V: FloatVector>(x: V) -> V {
    let (m, e) = split(x);
    ends(x, ln_1p_plus(m, e))
}

/// The logarithm of `x` to base 2, within 1.8 units in the last place; exact for powers of 2.
#[inline(always)]
pub fn log2<V: F32Vector>(x: V) -> V {
    let (m, e) = split(x);
    // ln(1 + m) is m and a small rest; 1 / ln(2) is 1.4426.. in two parts.
    let rest = ln_1p_rest(m, m.number(0.0));
    let (high, low) = (x.number(1.442_382_812_5), x.number(3.122_283_889_634_073_6e-4));
    let tail = m.mul_add(low, rest * x.number(std::f64::consts::LOG2_E));
    ends(x, e + m.mul_add(high, tail))
}

/// `ln(1 + x)`, without the loss of digits near 0, within 1.5 units in the last place.
#[inline(always)]
pub fn ln_1p<V: FloatVector>(x: V) -> V {
    let one = x.number(1.0);
    let sum = x + one;
    // What the rounding of the sum left out.
    let part = sum - x;
    let lost = (x - (sum - part)) + (one - part);
    let (m, e) = sum.mantissa_exponent();
    let lost = x.simd_lt(x.number(1e9)).select(lost.times_power_of_2(x.splat_like(V::ROUND) - e), x.number(0.0));
    let y = ln_1p_plus(m + lost, e);
    ends(sum, y).copysign(x)
}

/// `ln(1 + x)` for `x` from 0 to 1.
#[inline(always)]
pub fn ln_1p_unit<V: FloatVector>(x: V) -> V {
    // 1 + x is 2 (1 + (x - 1) / 2) where that is nearer to a power of 2.
    let (one, zero) = (x.number(1.0), x.number(0.0));
    let large = x.number(0.414_213_57).simd_lt(x);
    let m = large.select(x.number(0.5) * (x - one), x);
    ln_1p_plus(m, large.select(one, zero))
}

/// `ln(1 + m) + e ln(2)` for `1 + m` between the roots of 1/2 and 2.
#[inline(always)]
fn ln_1p_plus<V: FloatVector>(m: V, e: V) -> V {
    let (high, low) = ln_2(m);
    e.mul_add(high, m + ln_1p_rest(m, e * low))
}

/// `ln(1 + m) - m + more` for `1 + m` between the roots of 1/2 and 2.
#[inline(always)]
fn ln_1p_rest<V: FloatVector>(m: V, more: V) -> V {
    let half_square = m.number(0.5) * m * m;
    let tail = if single::<V>() {
        // A minimax polynomial of (ln(1 + m) - m + m^2 / 2) / m^3: relative error of the logarithm 6e-9.
        let q = polynomial(
            m,
            &[
                -7.859_606_6e-2,
                1.288_164_4e-1,
                -1.312_875_5e-1,
                1.418_119_3e-1,
                -1.662_455_4e-1,
                2.000_228_6e-1,
                -2.500_081e-1,
                3.333_331_7e-1,
            ],
        );
        (q * m).mul_add(m * m, more)
    } else {
        // As in FreeBSD's msun (Sun Microsystems, 1993): ln(1 + m) is that of (1 + s) / (1 - s), an odd function of s, and
        // q a minimax polynomial of (ln((1 + s) / (1 - s)) / s - 2) / s^2 as a function of s^2: relative error 3e-18.
        let s = m / (m.number(2.0) + m);
        let z = s * s;
        let q = polynomial(
            z,
            &[
                0.147_970_728_444_304_28,
                0.153_139_512_321_539_6,
                0.181_835_676_515_034_05,
                0.222_221_985_211_986_55,
                0.285_714_287_427_595_9,
                0.399_999_999_994_137_4,
                0.666_666_666_666_673_4,
            ],
        );
        s.mul_add(q.mul_add(z, half_square), more)
    };
    tail - half_square
}

/// `|x|^e` where both are finite, in `f64`.
struct Power;

impl Wide<2> for Power {
    #[inline(always)]
    fn map<D: FloatVector<Elem = f64>>([x, e]: [D; 2]) -> D {
        (e * x.abs().ln()).exp()
    }
}

/// `x` to the power of `e`, within 0.51 units in the last place, with IEEE 754's values: 1 for the exponent 0 and for the base 1, also beside NaN; NaN for a
/// negative base and an exponent that is no integer.
#[inline(always)]
pub fn powf<V: F32Vector>(x: V, e: V) -> V {
    let (zero, one, infinity) = (x.number(0.0), x.number(1.0), x.number(f64::INFINITY));
    let size = V::in_f64::<Power, 2>([x, e]);
    // An infinite exponent is an even integer, and (-1)^inf is 1.
    let endless = e.abs().simd_eq(infinity);
    let size = endless.and(x.abs().simd_eq(one)).select(one, size);
    let half = e * x.number(0.5);
    let (whole, even) = (e.trunc().simd_eq(e), half.trunc().simd_eq(half));
    // The sign is that of x where e is odd; -0 has one too.
    let signed = whole.and(even.not()).select(size.copysign(x), size);
    let real = zero.simd_lt(x).or(x.simd_eq(zero)).or(x.simd_eq(-infinity)).or(whole).or(x.is_nan());
    let y = real.select(signed, x.number(f64::NAN));
    e.simd_eq(zero).or(x.simd_eq(one)).select(one, y)
}
