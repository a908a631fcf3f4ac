//! What element loops need of a vector beyond [`Simd`]: operators, comparisons, folds, elementary functions; and how a
//! body of code is compiled for each instruction set and picked at run time.

use crate::kernels::dtype::Element;
use crate::kernels::simd::registers::{Array, Isa, Simd, isa};
use std::ops::{Add, Div, Mul, Neg, Sub};

pub mod math;
mod portable;
pub mod registers;
mod sums;
mod table;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use sums::{Summed, Total};
pub use table::{Routine, Table};

/// A floating-point element type, and the scalar arithmetic on it.
pub trait Float:
    Element + Neg<Output = Self> + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Infinity.
    const INFINITY: Self;

    /// The vector for any machine.
    type Portable: Vector<Elem = Self>;
    /// The vector of AVX2.
    #[cfg(target_arch = "x86_64")]
    type Avx2: Vector<Elem = Self>;
    /// The vector of AVX-512.
    #[cfg(target_arch = "x86_64")]
    type Avx512: Vector<Elem = Self>;

    /// The nearest value of this type.
    fn of(x: f64) -> Self;
    /// The same value.
    fn to_f64(self) -> f64;
    /// The sine.
    fn sin(self) -> Self;
    /// The cosine.
    fn cos(self) -> Self;
    /// To the power of `e`.
    fn powf(self, e: Self) -> Self;
    /// Runs `kernel` compiled for the best instruction set of this machine.
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

/// The largest number of lanes.
pub const MAX_LANES: usize = 16;

/// A vector with all that element loops need.
///
/// As for [`Simd`], whoever holds a vector is on a machine that has its instructions, so methods are safe.
pub trait Vector:
    Simd<Elem: Float>
    + Summed
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// A truth for each lane.
    type Mask: Mask<Self>;

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
    /// With the other sign.
    fn flip(self) -> Self;
    /// The absolute value.
    fn abs(self) -> Self;
    /// The absolute value with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// All lanes joined by `f`, which acts lane by lane and may take them in any order.
    fn reduce(self, f: impl Fn(Self, Self) -> Self) -> Self::Elem;
    /// e to the power of it.
    fn exp(self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;
    /// `ln(1 + self)` for `self` from 0 to 1.
    fn ln_1p_unit(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;

    /// `self / (sqrt(v) + eps)`.
    #[inline(always)]
    fn div_sqrt(self, v: Self, eps: Self) -> Self {
        self / (v.sqrt() + eps)
    }

    /// All lanes `x`.
    #[inline(always)]
    fn splat_like(self, x: Self::Elem) -> Self {
        // SAFETY: this vector exists, so the machine has its instructions.
        unsafe { Self::splat(x) }
    }

    /// All lanes `x`, as near as their type has it.
    #[inline(always)]
    fn number(self, x: f64) -> Self {
        self.splat_like(Self::Elem::of(x))
    }

    /// `1 / (1 + exp(-self))`.
    #[inline(always)]
    fn sigmoid(self) -> Self {
        let one = self.splat_like(Self::Elem::ONE);
        let e = (-self.abs()).exp();
        self.simd_lt(self.splat_like(Self::Elem::ZERO)).select(e, one) / (one + e)
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
}

/// A truth for each lane of a `V`.
pub trait Mask<V>: Copy {
    /// True where one of the two is.
    fn or(self, other: Self) -> Self;
    /// The lanes of `a` where the mask is true, those of `b` elsewhere.
    fn select(self, a: V, b: V) -> V;
}

/// A vector of `f32` with the bit operations that elementary functions are made of.
pub trait F32Vector: Vector<Elem = f32> {
    /// `self * 2^n` with a single rounding, where `rounded` is `n +` [`ROUND`] and `n` lies between -252 and 254.
    fn times_power_of_2(self, rounded: Self) -> Self;
    /// For a positive normal number `(1 + m) * 2^e` with `1 + m` between the roots of 1/2 and 2: `m` and `e`.
    fn mantissa_exponent(self) -> (Self, Self);
}

/// The bits of the root of 1/2.
const ROOT_HALF: u32 = 0x3f35_04f3;
/// `1.5 * 2^23 + 254`: adding it rounds to an integer `n`, and then the low bits are those of `n + 254`, the sum of two
/// biased exponents.
pub const ROUND: f32 = 12_583_166.0;

macro_rules! real {
    ($T:ident, $portable:ty, $avx2:ident, $avx512:ident) => {
        impl Float for $T {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const INFINITY: Self = $T::INFINITY;

            type Portable = $portable;
            #[cfg(target_arch = "x86_64")]
            type Avx2 = registers::$avx2;
            #[cfg(target_arch = "x86_64")]
            type Avx512 = registers::$avx512;

            #[inline(always)]
            fn of(x: f64) -> Self {
                x as $T
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self.into()
            }
            #[inline(always)]
            fn sin(self) -> Self {
                self.sin()
            }
            #[inline(always)]
            fn cos(self) -> Self {
                self.cos()
            }
            #[inline(always)]
            fn powf(self, e: Self) -> Self {
                self.powf(e)
            }

            #[inline]
            fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output {
                match isa() {
                    // SAFETY: `isa` says that the machine has AVX-512, which has both vectors' instructions.
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 => unsafe { x86::avx512::<crate::kernels::simd::registers::$avx512, K>(kernel) },
                    // SAFETY: `isa` says that the machine has AVX2 and FMA, which has both vectors' instructions.
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => unsafe { x86::avx2::<crate::kernels::simd::registers::$avx2, K>(kernel) },
                    // SAFETY: arrays need no special instructions.
                    _ => unsafe { kernel.run::<$portable>() },
                }
            }

            #[cfg(test)]
            fn on_each<K: Kernel<Self> + Clone>(kernel: &K) -> Vec<K::Output> {
                // SAFETY: arrays need no special instructions.
                let mut out = vec![unsafe { kernel.clone().run::<$portable>() }];
                #[cfg(target_arch = "x86_64")]
                if isa() != Isa::Portable {
                    // SAFETY: the machine has at least AVX2.
                    out.push(unsafe { x86::avx2::<crate::kernels::simd::registers::$avx2, K>(kernel.clone()) });
                }
                if isa() == Isa::Avx512 {
                    out.push(Self::dispatch(kernel.clone()));
                }
                out
            }
        }
    };
}
// As wide as the vectors that every x86-64 and every 64-bit ARM has.
real!(f32, Array<f32, 4>, F32x8, F32x16);
real!(f64, Array<f64, 2>, F64x4, F64x8);

/// Implements the operators by the methods of [`Simd`].
macro_rules! operators {
    ($(<$(const $N:ident)?> $V:ty),*) => { $(
        impl$(<const $N: usize>)? Add for $V {
            type Output = Self;
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                Simd::add(self, other)
            }
        }
        impl$(<const $N: usize>)? Sub for $V {
            type Output = Self;
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                Simd::sub(self, other)
            }
        }
        impl$(<const $N: usize>)? Mul for $V {
            type Output = Self;
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                Simd::mul(self, other)
            }
        }
        impl$(<const $N: usize>)? Div for $V {
            type Output = Self;
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                Simd::div(self, other)
            }
        }
        impl$(<const $N: usize>)? Neg for $V {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Vector::flip(self)
            }
        }
    )* };
}
operators!(<const N> Array<f32, N>, <const N> Array<f64, N>);
#[cfg(target_arch = "x86_64")]
operators!(<> registers::F32x8, <> registers::F64x4, <> registers::F32x16, <> registers::F64x8);
