//! Vectors as arrays: whatever the compiler makes of loops over their lanes.

use super::{F32Vector, Mask, ROOT_HALF, Vector};
use crate::kernels::simd::math;
use crate::kernels::simd::registers::{Array, Simd};

/// The lanes.
#[inline(always)]
pub(super) fn lanes<T: Copy + Default, const N: usize>(x: Array<T, N>) -> [T; N]
where
    Array<T, N>: Simd<Elem = T>,
{
    let mut lanes = [T::default(); N];
    // SAFETY: the array holds `N` lanes.
    unsafe { x.store(lanes.as_mut_ptr()) };
    lanes
}

/// The vector of these lanes.
#[inline(always)]
fn vector<T: Copy, const N: usize>(lanes: [T; N]) -> Array<T, N>
where
    Array<T, N>: Simd<Elem = T>,
{
    // SAFETY: arrays need no special instructions, and there are `N` lanes.
    unsafe { Array::load(lanes.as_ptr()) }
}

macro_rules! array {
    ($T:ident, $exp:expr, $ln:expr, $ln_1p:expr, $tanh:expr) => {
        impl<const N: usize> Mask<Array<$T, N>> for [bool; N] {
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                std::array::from_fn(|i| self[i] | other[i])
            }
            #[inline(always)]
            fn select(self, a: Array<$T, N>, b: Array<$T, N>) -> Array<$T, N> {
                let (x, y) = (lanes(a), lanes(b));
                vector(std::array::from_fn(|i| if self[i] { x[i] } else { y[i] }))
            }
        }
        impl<const N: usize> Vector for Array<$T, N> {
            type Mask = [bool; N];

            #[inline(always)]
            fn simd_lt(self, other: Self) -> [bool; N] {
                let (x, y) = (lanes(self), lanes(other));
                std::array::from_fn(|i| x[i] < y[i])
            }
            #[inline(always)]
            fn simd_eq(self, other: Self) -> [bool; N] {
                let (x, y) = (lanes(self), lanes(other));
                std::array::from_fn(|i| x[i] == y[i])
            }
            #[inline(always)]
            fn is_nan(self) -> [bool; N] {
                lanes(self).map($T::is_nan)
            }
            #[inline(always)]
            fn first_n(self, n: usize) -> [bool; N] {
                std::array::from_fn(|i| i < n)
            }
            #[inline(always)]
            fn simd_min(self, other: Self) -> Self {
                self.simd_lt(other).select(self, other)
            }
            #[inline(always)]
            fn flip(self) -> Self {
                vector(lanes(self).map(|x| -x))
            }
            #[inline(always)]
            fn abs(self) -> Self {
                vector(lanes(self).map($T::abs))
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                let (x, y) = (lanes(self), lanes(sign));
                vector(std::array::from_fn(|i| x[i].copysign(y[i])))
            }
            #[inline(always)]
            fn reduce(self, f: impl Fn(Self, Self) -> Self) -> $T {
                let (mut x, mut width) = (self, N);
                while width > 1 {
                    width /= 2;
                    let from = lanes(x);
                    x = f(x, vector(std::array::from_fn(|i| from[(i + width) % N])));
                }
                lanes(x)[0]
            }
            #[inline(always)]
            fn exp(self) -> Self {
                $exp(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                $ln(self)
            }
            #[inline(always)]
            fn ln_1p_unit(self) -> Self {
                $ln_1p(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $tanh(self)
            }
        }
    };
}
array!(f32, math::exp, math::ln, math::ln_1p_unit, math::tanh);
array!(
    f64,
    |x: Self| x.map_lanes(f64::exp),
    |x: Self| x.map_lanes(f64::ln),
    |x: Self| x.map_lanes(f64::ln_1p),
    |x: Self| x.map_lanes(f64::tanh)
);

impl<const N: usize> F32Vector for Array<f32, N> {
    #[inline(always)]
    fn times_power_of_2(self, rounded: Self) -> Self {
        let (x, rounded) = (lanes(self), lanes(rounded));
        vector(std::array::from_fn(|i| {
            let exponents = rounded[i].to_bits();
            let half = exponents >> 1;
            let rest = exponents.wrapping_sub(half);
            x[i] * f32::from_bits(half << 23) * f32::from_bits(rest << 23)
        }))
    }

    #[inline(always)]
    fn mantissa_exponent(self) -> (Self, Self) {
        let bits = lanes(self).map(|x| x.to_bits().wrapping_sub(ROOT_HALF));
        let m = bits.map(|b| f32::from_bits((b & 0x007f_ffff).wrapping_add(ROOT_HALF)) - 1.0);
        (vector(m), vector(bits.map(|b| ((b as i32) >> 23) as f32)))
    }
}
