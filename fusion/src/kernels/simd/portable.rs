//! Vectors as arrays: whatever the compiler makes of loops over their lanes.

use super::math::{self, elementary};
use super::sums::sums_of_itself;
use super::vector::{
    F32Vector, FloatVector, Kernel, MAX_LANES, Mask, ROOT_HALF, ROOT_HALF_64, ROUND, ROUND_64, Vector, Wide,
};
use std::array::from_fn;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Vectors as arrays, for machines without vectors of their own here.
///
/// Loops take 16 bytes, a register of SSE2 or Neon; tests take 64 in place of AVX-512.
#[derive(Clone, Copy, Debug)]
pub struct Portable<T, const N: usize>([T; N]);

impl<T: Copy, const N: usize> Portable<T, N> {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(T, T) -> T) -> Self {
        Self(from_fn(|i| f(self.0[i], other.0[i])))
    }
}

macro_rules! operators {
    ($T:ident: $($Trait:ident $name:ident $op:tt),*) => { $(
        impl<const N: usize> $Trait for Portable<$T, N> {
            type Output = Self;
            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                self.zip(other, |x, y| x $op y)
            }
        }
    )* };
}

/// Methods that take the lanes one by one.
macro_rules! lanes {
    ($T:ident: $($name:ident),*) => { $(
        #[inline(always)]
        fn $name(self) -> Self {
            Self(self.0.map($T::$name))
        }
    )* };
}

macro_rules! portable {
    ($T:ident: $($sums:tt)*) => {
        operators!($T: Add add +, Sub sub -, Mul mul *, Div div /);

        impl<const N: usize> Neg for Portable<$T, N> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Self(self.0.map(|x| -x))
            }
        }

        impl<const N: usize> Mask<Portable<$T, N>> for [bool; N] {
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                from_fn(|i| self[i] & other[i])
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                from_fn(|i| self[i] | other[i])
            }
            #[inline(always)]
            fn not(self) -> Self {
                self.map(|x| !x)
            }
            #[inline(always)]
            fn any(self) -> bool {
                self.into_iter().any(|x| x)
            }
            #[inline(always)]
            fn select(self, a: Portable<$T, N>, b: Portable<$T, N>) -> Portable<$T, N> {
                Portable(from_fn(|i| if self[i] { a.0[i] } else { b.0[i] }))
            }
        }

        impl<const N: usize> Vector for Portable<$T, N> {
            type Elem = $T;
            type Mask = [bool; N];
            type Tail = usize;
            const LANES: usize = N;
            const BLOCK: usize = if N < 8 { N } else { 8 };

            #[inline(always)]
            unsafe fn enter<K: Kernel<$T>>(kernel: K) -> K::Output {
                // SAFETY: arrays need no special instructions.
                unsafe { kernel.run::<Self>() }
            }
            #[inline(always)]
            unsafe fn zero() -> Self {
                Self([0.0; N])
            }
            #[inline(always)]
            unsafe fn splat(x: $T) -> Self {
                Self([x; N])
            }
            #[inline(always)]
            unsafe fn load(p: *const $T) -> Self {
                // SAFETY: the caller's promise.
                Self(unsafe { p.cast::<[$T; N]>().read_unaligned() })
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $T) {
                // SAFETY: the caller's promise.
                unsafe { p.cast::<[$T; N]>().write_unaligned(self.0) }
            }
            #[inline(always)]
            unsafe fn tail(n: usize) -> usize {
                n.min(N)
            }
            #[inline(always)]
            unsafe fn load_tail(p: *const $T, tail: usize) -> Self {
                let mut lanes = [0.0; N];
                for (i, lane) in lanes.iter_mut().enumerate().take(tail) {
                    // SAFETY: the caller's promise.
                    *lane = unsafe { *p.add(i) };
                }
                Self(lanes)
            }
            #[inline(always)]
            unsafe fn store_tail(self, p: *mut $T, tail: usize) {
                for (i, lane) in self.0.into_iter().enumerate().take(tail) {
                    // SAFETY: the caller's promise.
                    unsafe { *p.add(i) = lane };
                }
            }
            #[inline(always)]
            unsafe fn transpose(
                src: *const $T,
                src_stride: usize,
                rows: usize,
                cols: usize,
                dst: *mut $T,
                dst_stride: usize,
            ) {
                for c in 0..cols {
                    for r in 0..Self::BLOCK {
                        // SAFETY: the caller's promise.
                        unsafe { *dst.add(c * dst_stride + r) = *src.add(r.min(rows - 1) * src_stride + c) };
                    }
                }
            }
            #[inline(always)]
            fn prefetch(_: *const $T) {}
            #[inline(always)]
            fn simd_lt(self, other: Self) -> [bool; N] {
                from_fn(|i| self.0[i] < other.0[i])
            }
            #[inline(always)]
            fn simd_eq(self, other: Self) -> [bool; N] {
                from_fn(|i| self.0[i] == other.0[i])
            }
            #[inline(always)]
            fn is_nan(self) -> [bool; N] {
                self.0.map($T::is_nan)
            }
            #[inline(always)]
            fn first_n(self, n: usize) -> [bool; N] {
                from_fn(|i| i < n)
            }
            #[inline(always)]
            fn simd_min(self, other: Self) -> Self {
                self.zip(other, |x, y| if x < y { x } else { y })
            }
            #[inline(always)]
            fn simd_max(self, other: Self) -> Self {
                self.zip(other, |x, y| if x > y { x } else { y })
            }
            #[inline(always)]
            fn abs(self) -> Self {
                Self(self.0.map($T::abs))
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                self.zip(sign, $T::copysign)
            }
            lanes!($T: sqrt, floor, ceil, trunc, round_ties_even);
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                Self(from_fn(|i| {
                    // Elsewhere `mul_add` would be a call.
                    if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
                        self.0[i].mul_add(b.0[i], c.0[i])
                    } else {
                        self.0[i] * b.0[i] + c.0[i]
                    }
                }))
            }
            #[inline(always)]
            fn reduce(self, f: impl Fn(Self, Self) -> Self) -> $T {
                let (mut x, mut width) = (self, N);
                while width > 1 {
                    width /= 2;
                    x = f(x, Self(from_fn(|i| x.0[(i + width) % N])));
                }
                x.0[0]
            }
            #[inline(always)]
            fn reduce_sum(self) -> $T {
                self.0.into_iter().sum()
            }
            #[inline(always)]
            fn reduce_sum_4(vectors: [Self; 4]) -> [$T; 4] {
                vectors.map(Self::reduce_sum)
            }
            elementary!($T);
            $($sums)*
        }
    };
}

portable!(f64: sums_of_itself!(););
portable!(f32:
    type Sums = [f64; N];

    #[inline(always)]
    unsafe fn sums() -> [f64; N] {
        [0.0; N]
    }
    #[inline(always)]
    fn add_to(self, sums: [f64; N]) -> [f64; N] {
        from_fn(|i| sums[i] + f64::from(self.0[i]))
    }
    #[inline(always)]
    fn add_square_to(self, sums: [f64; N]) -> [f64; N] {
        let x = self.0.map(f64::from);
        from_fn(|i| sums[i] + x[i] * x[i])
    }
    #[inline(always)]
    fn join(a: [f64; N], b: [f64; N]) -> [f64; N] {
        from_fn(|i| a[i] + b[i])
    }
    #[inline(always)]
    fn total(sums: [f64; N]) -> f64 {
        sums.into_iter().sum()
    }
    #[inline(always)]
    fn each_sum(sums: [f64; N]) -> [f64; MAX_LANES] {
        let mut each = [0.0; MAX_LANES];
        each[..N].copy_from_slice(&sums);
        each
    }
);

/// What is made of the elements' bits, `$shift` of which are a mantissa's.
macro_rules! bits {
    ($T:ident, $signed:ident, $shift:literal: $round:expr, $root:expr) => {
        impl<const N: usize> FloatVector for Portable<$T, N> {
            const ROUND: $T = $round;

            #[inline(always)]
            fn times_power_of_2(self, rounded: Self) -> Self {
                self.zip(rounded, |x, rounded| {
                    let exponents = rounded.to_bits();
                    let half = exponents >> 1;
                    let rest = exponents.wrapping_sub(half);
                    x * $T::from_bits(half << $shift) * $T::from_bits(rest << $shift)
                })
            }

            #[inline(always)]
            fn mantissa_exponent(self) -> (Self, Self) {
                let bits = self.0.map(|x| x.to_bits().wrapping_sub($root));
                let m = bits.map(|b| $T::from_bits((b & ((1 << $shift) - 1)).wrapping_add($root)) - 1.0);
                (Self(m), Self(bits.map(|b| ((b as $signed) >> $shift) as $T)))
            }
        }
    };
}
bits!(f32, i32, 23: ROUND, ROOT_HALF);
bits!(f64, i64, 52: ROUND_64, ROOT_HALF_64);

impl<const N: usize> F32Vector for Portable<f32, N> {
    #[inline(always)]
    fn in_f64<F: Wide<M>, const M: usize>(x: [Self; M]) -> Self {
        let wide = F::map(x.map(|x| Portable::<f64, N>(x.0.map(f64::from))));
        Self(wide.0.map(|x| x as f32))
    }
}
