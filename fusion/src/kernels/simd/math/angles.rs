//! Functions of angles, in radians, and their inverses.

use super::polynomial::polynomial;
use crate::kernels::simd::vector::{F32Vector, FloatVector, Mask, Vector, Wide};

/// Angles up to this size are reduced by vectors: the product of their whole number of half turns with the leading bits of
/// pi is exact in `f64`. Beyond, the lanes go to the standard library, which has the digits of pi that they need.
const LARGE: f64 = 1_048_576.0;

/// The leading 33 bits of pi, and the rest.
const PI: [f64; 2] = [3.141_592_653_468_251_2, 1.215_420_101_301_238_4e-10];

/// `x - n turn` and `n` for the nearest integer `n`, of numbers up to [`LARGE`]; `turn` is pi times `scale`, a power of 2.
#[inline(always)]
fn reduced<D: FloatVector<Elem = f64>>(x: D, scale: f64, shift: f64) -> (D, D) {
    let per_turn = x.number(std::f64::consts::FRAC_1_PI / scale);
    let round = x.splat_like(D::ROUND);
    let n = (x.mul_add(per_turn, x.number(-shift)) + round) - round;
    let at = n + x.number(shift);
    let r = at.mul_add(x.number(-PI[1] * scale), at.mul_add(x.number(-PI[0] * scale), x));
    (r, n)
}

/// 1 where the integer `n` is even, -1 where it is odd.
#[inline(always)]
fn sign_of_parity<D: FloatVector<Elem = f64>>(n: D) -> D {
    let (half, round) = (n * n.number(0.5), n.splat_like(D::ROUND));
    let odd = half - ((half + round) - round);
    odd.mul_add(odd * n.number(-8.0), n.number(1.0))
}

/// The sine for angles up to a quarter turn: a minimax polynomial of `(sin(r) / r - 1) / r^2`, relative error 3e-11.
#[inline(always)]
fn sin_near<D: FloatVector<Elem = f64>>(r: D) -> D {
    let z = r * r;
    let q = polynomial(
        z,
        &[
            -2.390_850_899_439_428e-8,
            2.752_658_238_645_162_4e-6,
            -1.984_089_352_032_11e-4,
            8.333_331_320_191_19e-3,
            -1.666_666_663_167_9e-1,
        ],
    );
    r * q.mul_add(z, r.number(1.0))
}

struct Sin;

impl Wide<1> for Sin {
    #[inline(always)]
    fn map<D: FloatVector<Elem = f64>>([x]: [D; 1]) -> D {
        let (r, n) = reduced(x, 1.0, 0.0);
        sin_near(r * sign_of_parity(n))
    }
}

struct Cos;

impl Wide<1> for Cos {
    #[inline(always)]
    fn map<D: FloatVector<Elem = f64>>([x]: [D; 1]) -> D {
        // The zeros of the cosine are those of the sine, moved by half a turn.
        let (r, n) = reduced(x, 1.0, 0.5);
        sin_near(-r * sign_of_parity(n))
    }
}

struct Tan;

impl Wide<1> for Tan {
    #[inline(always)]
    fn map<D: FloatVector<Elem = f64>>([x]: [D; 1]) -> D {
        let (r, n) = reduced(x, 0.5, 0.0);
        let z = r * r;
        // Minimax polynomials of (sin(r) / r - 1) / r^2 and (cos(r) - 1 + r^2 / 2) / r^4 for |r| up to pi / 4.
        let sin = polynomial(z, &[-1.951_700_161_269_444_7e-4, 8.332_176_150_904_943e-3, -1.666_665_491_809_823_5e-1]);
        let cos = polynomial(z, &[2.443_810_436_300_392_5e-5, -1.388_736_461_497_004e-3, 4.166_664_681_000_127e-2]);
        let (sin, cos) = (r * sin.mul_add(z, r.number(1.0)), cos.mul_add(z, r.number(-0.5)).mul_add(z, r.number(1.0)));
        let even = sign_of_parity(n).simd_eq(r.number(1.0));
        even.select(sin, -cos) / even.select(cos, sin)
    }
}

/// The values `y` at `x`, but those of `exact` for the lanes that are too large for the vectors' reduction.
#[inline(always)]
fn with_large<V: F32Vector>(x: V, y: V, exact: fn(f32) -> f32) -> V {
    let large = x.number(LARGE).simd_lt(x.abs());
    if large.any() { large.select(x.map_lanes(exact), y) } else { y }
}

/// The sine of `x`, within 0.6 units in the last place.
#[inline(always)]
pub fn sin<V: F32Vector>(x: V) -> V {
    with_large(x, V::in_f64::<Sin, 1>([x]), f32::sin)
}

/// The cosine of `x`, within 0.6 units in the last place.
#[inline(always)]
pub fn cos<V: F32Vector>(x: V) -> V {
    with_large(x, V::in_f64::<Cos, 1>([x]), f32::cos)
}

/// The tangent of `x`, within 1.2 units in the last place.
#[inline(always)]
pub fn tan<V: F32Vector>(x: V) -> V {
    with_large(x, V::in_f64::<Tan, 1>([x]), f32::tan)
}

/// The arc sine for sizes up to [`NEAR`], of `s` and of its square `z`: a minimax polynomial of `(asin(s) / s - 1) / s^2`,
/// relative error 2e-9.
#[inline(always)]
fn asin_near<V: F32Vector>(s: V, z: V) -> V {
    let q = polynomial(
        z,
        &[4.649_435_74e-2, 7.574_523_32e-3, 3.375_330_48e-2, 4.426_786_02e-2, 7.501_886_27e-2, 1.666_663_53e-1],
    );
    (q * z).mul_add(s, s)
}

/// Up to this size an arc sine is that of the number itself; beyond, it is had from one below 1/2.
const NEAR: f64 = 0.55;

/// Half of pi in two parts, the second of which is what the first leaves out.
const HALF_PI: [f64; 2] = [1.570_796_370_506_286_6, -4.371_139_000_186_241e-8];

/// The arc sine of `x`, within 1.4 units in the last place: NaN outside of -1 to 1.
#[inline(always)]
pub fn asin<V: F32Vector>(x: V) -> V {
    let (half, size) = (x.number(0.5), x.abs());
    let near = size.simd_lt(x.number(NEAR));
    // Near 1, pi / 2 - 2 asin(sqrt((1 - x) / 2)).
    let z = near.select(size * size, half * (x.number(1.0) - size));
    let s = near.select(size, z.sqrt());
    let y = asin_near(s, z);
    let far = x.number(HALF_PI[0]) - (y + y - x.number(HALF_PI[1]));
    near.select(y, far).copysign(x)
}

/// The arc cosine of `x`, within 1.2 units in the last place: NaN outside of -1 to 1.
#[inline(always)]
pub fn acos<V: F32Vector>(x: V) -> V {
    let (half, size, zero) = (x.number(0.5), x.abs(), x.number(0.0));
    let (near, negative) = (size.simd_lt(x.number(NEAR)), x.simd_lt(zero));
    let z = near.select(x * x, half * (x.number(1.0) - size));
    let s = near.select(x, z.sqrt());
    let y = asin_near(s, z);
    let from_quarter = x.number(HALF_PI[0]) - (y - x.number(HALF_PI[1]));
    let twice = y + y;
    let from_half = x.number(2.0 * HALF_PI[0]) - (twice - x.number(2.0 * HALF_PI[1]));
    near.select(from_quarter, negative.select(from_half, twice))
}

/// The arc tangent for `q` from 0 to 1: a minimax polynomial of `(atan(q) / q - 1) / q^2`, relative error 2e-9.
#[inline(always)]
fn atan_near<D: Vector>(q: D) -> D {
    let z = q * q;
    let p = polynomial(
        z,
        &[
            -1.827_782_68e-3,
            1.106_706_76e-2,
            -3.146_076_62e-2,
            5.823_984_15e-2,
            -8.419_783_3e-2,
            1.095_769_38e-1,
            -1.426_526_96e-1,
            1.999_864_11e-1,
            -3.333_330_2e-1,
        ],
    );
    (p * z).mul_add(q, q)
}

/// The arc tangent of `x`, within 1.7 units in the last place.
#[inline(always)]
pub fn atan<V: F32Vector>(x: V) -> V {
    let (one, size) = (x.number(1.0), x.abs());
    let far = one.simd_lt(size);
    let y = atan_near(far.select(one / size, size));
    let rest = x.number(HALF_PI[0]) - (y - x.number(HALF_PI[1]));
    far.select(rest, y).copysign(x)
}

struct Atan2;

impl Wide<2> for Atan2 {
    #[inline(always)]
    fn map<D: FloatVector<Elem = f64>>([y, x]: [D; 2]) -> D {
        let (zero, one) = (x.number(0.0), x.number(1.0));
        let (across, along) = (y.abs(), x.abs());
        let steep = along.simd_lt(across);
        let (low, high) = (steep.select(along, across), steep.select(across, along));
        // 0 / 0 is 0 here, and infinity / infinity 1; a NaN stays.
        let q = low.simd_eq(high).select(high.simd_eq(zero).select(zero, one), low / high);
        let a = atan_near(q);
        let a = steep.select(x.number(std::f64::consts::FRAC_PI_2) - a, a);
        // The sign of x counts, also that of -0.
        let left = one.copysign(x).simd_lt(zero);
        left.select(x.number(std::f64::consts::PI) - a, a).copysign(y)
    }
}

/// The angle of the point with the coordinates `x` and `y`, from -pi to pi, within 0.6 units in the last place, with IEEE 754's values for zeros and
/// infinities.
#[inline(always)]
pub fn atan2<V: F32Vector>(y: V, x: V) -> V {
    V::in_f64::<Atan2, 2>([y, x])
}
