//! The traits: what a vector is, what its elements are, and what is compiled for each kind of vector.

use crate::kernels::dtype::{Element, Scalar};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The largest number of lanes.
pub const MAX_LANES: usize = 16;

/// An element type that has arithmetic and gradients: `f32` or `f64`.
///
/// ```
/// use fusion::prelude::*;
///
/// fn midpoint<T: Float>(a: T, b: T) -> T {
///     (a + b) / T::from_f64(2.0)
/// }
/// assert_eq!(midpoint(1.0f32, 4.0), 2.5);
/// ```
pub trait Float:
    Element
    + Scalar
    + Into<f64>
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
{
    /// 0.
    #[doc(hidden)]
    const ZERO: Self;
    /// 1.
    #[doc(hidden)]
    const ONE: Self;
    /// Infinity.
    #[doc(hidden)]
    const INFINITY: Self;

    /// The vector for any machine.
    #[doc(hidden)]
    type Portable: Vector<Elem = Self>;
    /// The vector of AVX2.
    #[doc(hidden)]
    #[cfg(target_arch = "x86_64")]
    type Avx2: Vector<Elem = Self>;
    /// The vector on machines with AVX-512, which may be that of AVX2.
    #[doc(hidden)]
    #[cfg(target_arch = "x86_64")]
    type Avx512: Vector<Elem = Self>;

    /// The nearest value of this type.
    fn from_f64(x: f64) -> Self;
    /// What remains after division by `y` with a quotient rounded towards 0.
    #[doc(hidden)]
    fn fmod(self, y: Self) -> Self;
    /// Runs `kernel` compiled for the best instruction set of this machine.
    #[doc(hidden)]
    fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output;
    /// What `kernel` gives on each kind of vector that this machine has.
    #[cfg(test)]
    fn on_each<K: Kernel<Self> + Clone>(kernel: &K) -> Vec<K::Output>;
}

/// Code to be compiled for every kind of vector.
pub trait Kernel<T> {
    /// What it gives.
    type Output;

    /// The code. It and all it calls must be `#[inline(always)]`, or be inlined for certain (a closure with one call):
    /// what is not inlined is compiled without the vector's instructions.
    ///
    /// # Safety
    /// The machine must have the instructions of `V`.
    unsafe fn run<V: Vector<Elem = T>>(self) -> Self::Output;
}

/// Runs `kernel` compiled for the best instruction set of this machine.
#[inline]
pub fn dispatch<T: Float, K: Kernel<T>>(kernel: K) -> K::Output {
    T::dispatch(kernel)
}

/// A truth for each lane of a `V`.
pub trait Mask<V>: Copy {
    /// True where both are.
    fn and(self, other: Self) -> Self;
    /// True where one of the two is.
    fn or(self, other: Self) -> Self;
    /// True where it is not.
    fn not(self) -> Self;
    /// Is one lane true?
    fn any(self) -> bool;
    /// The lanes of `a` where the mask is true, those of `b` elsewhere.
    fn select(self, a: V, b: V) -> V;
}

/// A vector of [`LANES`](Vector::LANES) elements.
///
/// A vector is made by an unsafe function only, so whoever holds one is on a machine that has its instructions, and
/// the methods of a vector are safe.
pub trait Vector:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self> + 'static
{
    /// The element type.
    type Elem: Float;
    /// A truth for each lane.
    type Mask: Mask<Self>;
    /// The first lanes, as many as a loop's last step takes.
    type Tail: Copy;
    /// A sum in `f64` for each lane. As for a vector, whoever holds it is on a machine that has the instructions.
    type Sums: Copy;
    /// The number of elements.
    const LANES: usize;
    /// The number of elements, at most, along the short side of a [`transpose`](Vector::transpose).
    const BLOCK: usize;

    /// Runs `kernel` compiled for this vector's instructions.
    ///
    /// # Safety
    /// The machine must have these instructions.
    unsafe fn enter<K: Kernel<Self::Elem>>(kernel: K) -> K::Output;

    /// All lanes 0.
    ///
    /// # Safety
    /// The machine must have this vector's instructions.
    unsafe fn zero() -> Self;

    /// All lanes `x`.
    ///
    /// # Safety
    /// The machine must have this vector's instructions.
    unsafe fn splat(x: Self::Elem) -> Self;

    /// The elements from `p` on, which need not be aligned.
    ///
    /// # Safety
    /// The machine must have this vector's instructions; `p` must be valid for reading [`LANES`](Vector::LANES)
    /// elements.
    unsafe fn load(p: *const Self::Elem) -> Self;

    /// Writes the lanes from `p` on, which need not be aligned.
    ///
    /// # Safety
    /// `p` must be valid for writing [`LANES`](Vector::LANES) elements.
    unsafe fn store(self, p: *mut Self::Elem);

    /// The first `n` lanes, all where `n` is larger.
    ///
    /// # Safety
    /// The machine must have this vector's instructions.
    unsafe fn tail(n: usize) -> Self::Tail;

    /// As many elements from `p` on as the tail has lanes, 0 in the other lanes.
    ///
    /// # Safety
    /// The machine must have this vector's instructions; `p` must be valid for reading as many elements as the tail
    /// has lanes.
    unsafe fn load_tail(p: *const Self::Elem, tail: Self::Tail) -> Self;

    /// Writes the lanes of the tail from `p` on.
    ///
    /// # Safety
    /// `p` must be valid for writing as many elements as the tail has lanes.
    unsafe fn store_tail(self, p: *mut Self::Elem, tail: Self::Tail);

    /// Transposes a band of memory: element `c` of row `r` of `src` becomes element `r` of row `c` of `dst`, for `rows`
    /// up to [`BLOCK`](Vector::BLOCK) and any number of `cols`. Rows of `dst` are written [`BLOCK`](Vector::BLOCK)
    /// wide; what stands beyond `rows` is some element of `src`. They are written in order, so a `dst_stride` below
    /// that width is fine: each row stands but for what the next one overwrites.
    ///
    /// # Safety
    /// The machine must have this vector's instructions; `rows` must be 1 to [`BLOCK`](Vector::BLOCK), the named
    /// elements of `src` valid for reading and `cols` rows of [`BLOCK`](Vector::BLOCK) elements of `dst` valid for
    /// writing.
    unsafe fn transpose(
        src: *const Self::Elem,
        src_stride: usize,
        rows: usize,
        cols: usize,
        dst: *mut Self::Elem,
        dst_stride: usize,
    );

    /// Adds the product of `rows` rows of `k` elements of A with `k` rows of `vectors` vectors of B to accumulators that
    /// stand one behind the other, row by row. An operand is where it starts and how far its next row is, and of A how far
    /// the next column. For builds without optimisation; false where the loop over vectors has to do.
    ///
    /// # Safety
    /// The machine must have this vector's instructions, and all these elements must be there.
    unsafe fn product_rows(
        [_rows, _vectors, _k]: [usize; 3],
        (_a, _a_row, _a_col): (*const Self::Elem, usize, usize),
        (_b, _b_row): (*const Self::Elem, usize),
        _acc: *mut Self,
    ) -> bool {
        false
    }

    /// Asks for the cache line of `p`, which may be any address.
    fn prefetch(p: *const Self::Elem);

    /// `self < other`: false where one is NaN.
    fn simd_lt(self, other: Self) -> Self::Mask;
    /// `self == other`: false where one is NaN.
    fn simd_eq(self, other: Self) -> Self::Mask;
    /// Is it NaN?
    fn is_nan(self) -> Self::Mask;
    /// True for the first `n` lanes.
    fn first_n(self, n: usize) -> Self::Mask;
    /// The smaller lanes; those of `other` where one of the two is NaN or both are zeros.
    fn simd_min(self, other: Self) -> Self;
    /// The larger lanes; those of `other` where one of the two is NaN or both are zeros.
    fn simd_max(self, other: Self) -> Self;
    /// The absolute value.
    fn abs(self) -> Self;
    /// The absolute value with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// `self * b + c`, rounded once where the machine has an instruction for it.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// All lanes joined by `f`, which acts lane by lane and may take them in any order.
    fn reduce(self, f: impl Fn(Self, Self) -> Self) -> Self::Elem;
    /// The sum of all lanes.
    fn reduce_sum(self) -> Self::Elem;
    /// The sums of the lanes of four vectors.
    fn reduce_sum_4(vectors: [Self; 4]) -> [Self::Elem; 4];

    /// The largest integer up to it.
    fn floor(self) -> Self;
    /// The smallest integer from it on.
    fn ceil(self) -> Self;
    /// Its integer part.
    fn trunc(self) -> Self;
    /// The nearest integer, of two the even one.
    fn round_ties_even(self) -> Self;

    /// e to the power of it.
    fn exp(self) -> Self;
    /// 2 to the power of it.
    fn exp2(self) -> Self;
    /// `e^self - 1`.
    fn exp_m1(self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;
    /// `ln(1 + self)`.
    fn ln_1p(self) -> Self;
    /// `ln(1 + self)` for `self` from 0 to 1.
    fn ln_1p_unit(self) -> Self;
    /// The logarithm to base 2.
    fn log2(self) -> Self;
    /// `self` to the power of `e`.
    fn powf(self, e: Self) -> Self;
    /// The sine.
    fn sin(self) -> Self;
    /// The cosine.
    fn cos(self) -> Self;
    /// The tangent.
    fn tan(self) -> Self;
    /// The arc sine.
    fn asin(self) -> Self;
    /// The arc cosine.
    fn acos(self) -> Self;
    /// The arc tangent.
    fn atan(self) -> Self;
    /// The angle of the point whose coordinates are `x` and `self`.
    fn atan2(self, x: Self) -> Self;
    /// The hyperbolic sine.
    fn sinh(self) -> Self;
    /// The hyperbolic cosine.
    fn cosh(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The error function.
    fn erf(self) -> Self;

    /// All sums 0.
    ///
    /// # Safety
    /// The machine must have this vector's instructions.
    unsafe fn sums() -> Self::Sums;
    /// `sums` plus these lanes.
    fn add_to(self, sums: Self::Sums) -> Self::Sums;
    /// `sums` plus the squares of these lanes.
    fn add_square_to(self, sums: Self::Sums) -> Self::Sums;
    /// `a` plus `b`.
    fn join(a: Self::Sums, b: Self::Sums) -> Self::Sums;
    /// The sum of all.
    fn total(sums: Self::Sums) -> f64;
    /// The sum of each lane.
    fn each_sum(sums: Self::Sums) -> [f64; MAX_LANES];

    /// `self / (sqrt(v) + eps)`.
    #[inline(always)]
    fn div_sqrt(self, v: Self, eps: Self) -> Self {
        self / (v.sqrt() + eps)
    }

    /// All lanes `x`, of a vector like this one.
    #[inline(always)]
    fn splat_like(self, x: Self::Elem) -> Self {
        // SAFETY: this vector exists, so the machine has its instructions.
        unsafe { Self::splat(x) }
    }

    /// All lanes `x`, as near as their type has it.
    #[inline(always)]
    fn number(self, x: f64) -> Self {
        self.splat_like(Self::Elem::from_f64(x))
    }

    /// `1 / (1 + exp(-self))`, within 2 units in the last place.
    #[inline(always)]
    fn sigmoid(self) -> Self {
        let one = self.splat_like(Self::Elem::ONE);
        let e = (-self.abs()).exp();
        let sum = one + e;
        let lost = e - (sum - one);
        // With e above or 1 above; 1 / sum, by which the quotient is freed of the sum's rounding, is the other one.
        let negative = self.simd_lt(self.splat_like(Self::Elem::ZERO));
        let y = negative.select(e, one) / sum;
        let inverse = negative.select(one - y, y);
        (-(y * inverse)).mul_add(lost, y)
    }

    /// The first lane.
    #[inline(always)]
    fn lane_0(self) -> Self::Elem {
        let mut lanes = [Self::Elem::ZERO; MAX_LANES];
        // SAFETY: the array holds as many elements as the widest vector.
        unsafe { self.store(lanes.as_mut_ptr()) };
        lanes[0]
    }

    /// `f` of each lane, one by one.
    #[inline(always)]
    fn map_lanes(self, f: impl Fn(Self::Elem) -> Self::Elem) -> Self {
        let mut lanes = [Self::Elem::ZERO; MAX_LANES];
        // SAFETY: the array holds as many elements as the widest vector.
        unsafe {
            self.store(lanes.as_mut_ptr());
            for x in &mut lanes[..Self::LANES] {
                *x = f(*x);
            }
            Self::load(lanes.as_ptr())
        }
    }

    /// `f` of the lanes of both, one by one.
    #[inline(always)]
    fn zip_lanes(self, other: Self, f: impl Fn(Self::Elem, Self::Elem) -> Self::Elem) -> Self {
        let mut lanes = [Self::Elem::ZERO; MAX_LANES];
        let mut others = lanes;
        // SAFETY: the arrays hold as many elements as the widest vector.
        unsafe {
            self.store(lanes.as_mut_ptr());
            other.store(others.as_mut_ptr());
            for i in 0..Self::LANES {
                lanes[i] = f(lanes[i], others[i]);
            }
            Self::load(lanes.as_ptr())
        }
    }
}

/// A vector with the bit operations that elementary functions are made of.
pub trait FloatVector: Vector {
    /// One and a half times the power of 2 from which on all numbers are integers, plus the sum of two exponents' biases:
    /// adding it rounds to an integer `n`, and then the low bits are those of `n` plus that sum.
    const ROUND: Self::Elem;

    /// `self * 2^n` with a single rounding, where `rounded` is `n +` [`ROUND`](FloatVector::ROUND), for any `n` of which
    /// half is an exponent.
    fn times_power_of_2(self, rounded: Self) -> Self;
    /// For a positive normal number `(1 + m) * 2^e` with `1 + m` between the roots of 1/2 and 2: `m` and `e`.
    fn mantissa_exponent(self) -> (Self, Self);
}

/// A function of `N` vectors of `f64`.
pub trait Wide<const N: usize> {
    /// Its values. All that it calls must be `#[inline(always)]`.
    fn map<D: FloatVector<Elem = f64>>(x: [D; N]) -> D;
}

/// A vector of `f32`.
pub trait F32Vector: FloatVector<Elem = f32> {
    /// The values of `F`, computed in `f64` and rounded.
    fn in_f64<F: Wide<N>, const N: usize>(x: [Self; N]) -> Self;
}

/// The bits of the root of 1/2.
pub(super) const ROOT_HALF: u32 = 0x3f35_04f3;
/// The bits of the root of 1/2 in `f64`.
pub(super) const ROOT_HALF_64: u64 = 0x3fe6_a09e_667f_3bcd;
/// [`ROUND`](FloatVector::ROUND) of `f32`.
pub(super) const ROUND: f32 = 12_583_166.0;
/// [`ROUND`](FloatVector::ROUND) of `f64`.
pub(super) const ROUND_64: f64 = 6_755_399_441_057_790.0;
