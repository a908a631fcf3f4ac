//! Elementary functions of vectors, without branches. Those of `f32` stay within 2 units in the last place over the whole
//! range and give libm's values for zeros, infinities, NaN, overflow and denormal results; the tests measure it. Those of
//! `f64` are the standard library's, lane by lane.

// Coefficients stand as they were found; the nearest `f32` is meant.
#![allow(clippy::excessive_precision)]

use super::vector::{F32Vector, Float, Mask, ROUND, Vector};

/// The elementary functions among a vector's methods.
macro_rules! elementary {
    (f32) => {
        elementary!(exp = math::exp, ln = math::ln, ln_1p_unit = math::ln_1p_unit, tanh = math::tanh);
    };
    (f64) => {
        elementary!(
            exp = |x: Self| x.map_lanes(f64::exp),
            ln = |x: Self| x.map_lanes(f64::ln),
            ln_1p_unit = |x: Self| x.map_lanes(f64::ln_1p),
            tanh = |x: Self| x.map_lanes(f64::tanh)
        );
    };
    ($($name:ident = $f:expr),*) => { $(
        #[inline(always)]
        fn $name(self) -> Self {
            $f(self)
        }
    )* };
}
pub(super) use elementary;

/// The leading bits of ln 2, few enough that small multiples are exact, and the rest.
const LN_2_HIGH: f32 = 0.693_359_375;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// The value at `x` of the polynomial with these coefficients, highest power first.
#[inline(always)]
fn polynomial<V: F32Vector, const N: usize>(x: V, coefficients: [f32; N]) -> V {
    let mut sum = x.splat_like(coefficients[0]);
    for &c in &coefficients[1..] {
        sum = sum.mul_add(x, x.splat_like(c));
    }
    sum
}

/// e to the power of `x`.
#[inline(always)]
pub fn exp<V: F32Vector>(x: V) -> V {
    // Beyond these ends the result is 0 or infinite all the same; a NaN passes both.
    let x = x.splat_like(89.0).simd_min(x.splat_like(-104.0).simd_max(x));
    // x = n ln(2) + r with an integer n and |r| <= ln(2) / 2.
    let rounded = x.mul_add(x.splat_like(std::f32::consts::LOG2_E), x.splat_like(ROUND));
    let n = rounded - x.splat_like(ROUND);
    let r = n.mul_add(x.splat_like(-LN_2_LOW), n.mul_add(x.splat_like(-LN_2_HIGH), x));
    // A minimax polynomial of (e^r - 1 - r) / r^2: relative error of e^r - 1 1.4e-8.
    let q = polynomial(r, [1.394_759_8e-3, 8.367_247e-3, 4.166_626_6e-2, 1.666_653_8e-1, 0.5]);
    ((r * r).mul_add(q, r) + x.splat_like(1.0)).times_power_of_2(rounded)
}

/// The natural logarithm of `x`.
#[inline(always)]
pub fn ln<V: F32Vector>(x: V) -> V {
    let zero = x.splat_like(0.0);
    let denormal = x.simd_lt(x.splat_like(f32::MIN_POSITIVE));
    let (m, e) = denormal.select(x * x.splat_like(8_388_608.0), x).mantissa_exponent();
    let e = e - denormal.select(x.splat_like(23.0), zero);
    let y = ln_1p_plus(m, e);
    let y = zero.simd_lt(x).select(y, x.splat_like(f32::NAN));
    let y = x.simd_eq(zero).select(x.splat_like(f32::NEG_INFINITY), y);
    x.simd_lt(x.splat_like(f32::INFINITY)).select(y, x)
}

/// `ln(1 + x)` for `x` from 0 to 1.
#[inline(always)]
pub fn ln_1p_unit<V: F32Vector>(x: V) -> V {
    // 1 + x is 2 (1 + (x - 1) / 2) where that is nearer to a power of 2.
    let (one, zero) = (x.splat_like(1.0), x.splat_like(0.0));
    let large = x.splat_like(0.414_213_57).simd_lt(x);
    let m = large.select(x.splat_like(0.5) * (x - one), x);
    ln_1p_plus(m, large.select(one, zero))
}

/// `ln(1 + m) + e ln(2)` for `1 + m` between the roots of 1/2 and 2.
#[inline(always)]
fn ln_1p_plus<V: F32Vector>(m: V, e: V) -> V {
    // A minimax polynomial of (ln(1 + m) - m + m^2 / 2) / m^3: relative error of the logarithm 6e-9.
    let q = polynomial(
        m,
        [
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
    let square = m * m;
    let tail = (q * m).mul_add(square, e * m.splat_like(LN_2_LOW)) - m.splat_like(0.5) * square;
    e.mul_add(m.splat_like(LN_2_HIGH), m + tail)
}

/// The hyperbolic tangent of `x`.
#[inline(always)]
pub fn tanh<V: F32Vector>(x: V) -> V {
    let (one, two, size) = (x.splat_like(1.0), x.splat_like(2.0), x.abs());
    // Near 0 a minimax polynomial of (tanh(x) / x - 1) / x^2, relative error 3e-9; else 1 - 2 / (exp(2 |x|) + 1).
    let z = size * size;
    let q = polynomial(z, [-5.905_867_3e-3, 2.080_538_4e-2, -5.378_668_3e-2, 1.333_195_8e-1, -3.333_33e-1]);
    let near = (q * z).mul_add(size, size);
    let far = one - two / (exp(size + size) + one);
    size.simd_lt(x.splat_like(0.6)).select(near, far).copysign(x)
}

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

/// The probability that a standard normal variable is at most `x`: `(1 + erf(x / sqrt(2))) / 2`, without the loss of digits
/// that this formula has below 0.
#[inline(always)]
pub fn normal_cdf<V: Vector>(x: V) -> V {
    let set = |value: f64| x.splat_like(V::Elem::from_f64(value));
    // Beyond 40 the tail is 0 all the same; a NaN stays.
    let z = set(40.0).simd_min(x.abs() * set(std::f64::consts::FRAC_1_SQRT_2));
    let t = (z - set(MIDDLE)) / (z + set(MIDDLE));
    // Clenshaw's recurrence.
    let (twice, terms) = (t + t, if size_of::<V::Elem>() == 4 { 11 } else { UPPER_TAIL.len() });
    let (mut last, mut before) = (set(0.0), set(0.0));
    for &c in UPPER_TAIL[1..terms].iter().rev() {
        (last, before) = (twice.mul_add(last, set(c)) - before, last);
    }
    let h = t.mul_add(last, set(UPPER_TAIL[0])) - before;
    let tail = (-(z * z)).exp() * h / (z + set(MIDDLE));
    x.simd_lt(set(0.0)).select(tail, set(1.0) - tail)
}

/// The density of the standard normal distribution at `x`.
#[inline(always)]
pub fn normal_density<V: Vector>(x: V) -> V {
    let set = |value: f64| x.splat_like(V::Elem::from_f64(value));
    (x * x * set(-0.5)).exp() * set(DENSITY_AT_0)
}

/// `1 / sqrt(2 pi)`.
pub const DENSITY_AT_0: f64 = std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2 / 2.0;

#[cfg(test)]
mod tests {
    use crate::kernels::simd::{Kernel, MAX_LANES, Vector};
    use crate::kernels::testing::on_each;

    /// The distance in units in the last place of `want`, rounded to `f32`.
    fn ulps(got: f32, want: f64) -> f64 {
        let near = want as f32;
        if got == near || (got.is_nan() && near.is_nan()) {
            return 0.0;
        }
        if !got.is_finite() || !near.is_finite() {
            return f64::INFINITY;
        }
        let unit = 2f64.powi((near.abs().max(f32::MIN_POSITIVE).to_bits() >> 23) as i32 - 150);
        (f64::from(got) - want).abs() / unit
    }

    macro_rules! worst {
        ($name:ident, $limit:literal, $x:ident => $e:expr, $exact:expr, $range:expr) => {
            #[derive(Clone)]
            struct Chunk([f32; MAX_LANES]);
            impl Kernel<f32> for Chunk {
                type Output = [f32; MAX_LANES];
                #[inline(always)]
                unsafe fn run<V: Vector<Elem = f32>>(self) -> [f32; MAX_LANES] {
                    let mut out = self.0;
                    for chunk in out.chunks_exact_mut(V::LANES) {
                        // SAFETY: the chunk has as many elements as the vector has lanes.
                        unsafe {
                            let $x = V::load(chunk.as_ptr());
                            $e.store(chunk.as_mut_ptr());
                        }
                    }
                    out
                }
            }
            let mut worst = (0.0, 0.0);
            let mut bits = 0u32;
            // A prime step: about every mantissa pattern of every exponent.
            let step = if cfg!(debug_assertions) { 40_009 } else { 1009 };
            let special = [
                0.0,
                -0.0,
                f32::INFINITY,
                f32::NEG_INFINITY,
                f32::NAN,
                f32::MAX,
                f32::MIN,
                f32::MIN_POSITIVE,
                1.0,
                -1.0,
            ];
            let mut sweep = special.into_iter().filter($range).chain(
                std::iter::from_fn(|| {
                    let x = f32::from_bits(bits);
                    bits = bits.checked_add(step)?;
                    Some(x)
                })
                .filter($range),
            );
            loop {
                let mut x = [1.0; MAX_LANES];
                let mut n = 0;
                for (slot, value) in x.iter_mut().zip(&mut sweep) {
                    *slot = value;
                    n += 1;
                }
                for got in on_each(&Chunk(x)) {
                    for lane in 0..n {
                        let off = ulps(got[lane], $exact(f64::from(x[lane])));
                        if off > worst.0 {
                            worst = (off, x[lane]);
                        }
                    }
                }
                if n < MAX_LANES {
                    break;
                }
            }
            println!("{}: {} ulp at {:e}", stringify!($name), worst.0, worst.1);
            assert!(worst.0 <= $limit, "{} is {} ulp off at {:e}", stringify!($name), worst.0, worst.1);
        };
    }

    #[test]
    fn exp_over_the_whole_range() {
        worst!(exp, 2.0, x => x.exp(), f64::exp, |_| true);
    }

    #[test]
    fn ln_over_the_whole_range() {
        worst!(ln, 2.0, x => x.ln(), f64::ln, |_| true);
    }

    #[test]
    fn tanh_over_the_whole_range() {
        worst!(tanh, 2.0, x => x.tanh(), f64::tanh, |_| true);
    }

    #[test]
    fn sigmoid_over_the_whole_range() {
        let exact = |x: f64| if x > -700.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() };
        worst!(sigmoid, 2.5, x => x.sigmoid(), exact, |_| true);
    }

    #[test]
    fn ln_1p_over_the_unit_interval() {
        worst!(ln_1p, 2.0, x => x.ln_1p_unit(), f64::ln_1p, |x: &f32| (0.0..=1.0).contains(x));
    }

    /// Marsaglia's series, with terms of one sign.
    fn normal_cdf(x: f64) -> f64 {
        let (mut sum, mut term, mut n) = (x, x, 1.0);
        while term.abs() > 1e-18 * sum.abs() {
            n += 2.0;
            term *= x * x / n;
            sum += term;
        }
        0.5 + sum * (-0.5 * x * x).exp() * super::DENSITY_AT_0
    }

    #[test]
    fn normal_distribution() {
        use crate::kernels::testing::close;
        use crate::kernels::{Array, Dims, elementwise};
        let n = 4001;
        let x = |i: usize| (i as f64 - 2000.0) / 250.0;
        let double = elementwise::normal_cdf(Array::from_fn(Dims::new(&[n]), x)).to_vec::<f64>();
        let single = elementwise::normal_cdf(Array::from_fn(Dims::new(&[n]), |i| x(i) as f32)).to_vec::<f32>();
        for i in 0..n {
            close(double[i], normal_cdf(x(i)), 1e-15);
            close(f64::from(single[i]), normal_cdf(f64::from(x(i) as f32)), 2e-7);
        }
        // Far out, where the series has no digits left; from mpmath.
        for (x, want) in [(-10.0, 7.619_853_024_160_526e-24), (-30.0, 4.906_713_927_148_187e-198)] {
            let got = elementwise::normal_cdf(Array::full(x, Dims::new(&[1]))).to_vec::<f64>()[0];
            assert!((got / want - 1.0).abs() < 1e-12, "{got:e} is not {want:e}");
        }
        let ends = [f32::NEG_INFINITY, -1e30, 0.0, 1e30, f32::INFINITY, f32::NAN];
        let got = elementwise::normal_cdf(Array::from_slice(&ends, Dims::new(&[6]))).to_vec::<f32>();
        assert!(got[..5] == [0.0, 0.0, 0.5, 1.0, 1.0] && got[5].is_nan(), "{got:?}");
    }

    #[test]
    fn signs_of_zero_and_ends() {
        use crate::kernels::elementwise::{exp, tanh};
        use crate::kernels::{Array, Dims};
        let of = |x: f32| Array::from_slice(&[x], Dims::new(&[1]));
        assert!(tanh(of(-0.0)).to_vec::<f32>()[0].is_sign_negative());
        assert_eq!(exp(of(88.722_84)).to_vec::<f32>(), [f32::INFINITY]);
        assert!(exp(of(88.722_83)).to_vec::<f32>()[0].is_finite());
    }
}
