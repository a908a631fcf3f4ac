//! Sums of lanes, kept in `f64`: what makes a sum of millions of `f32` as good as one in `f64`, and one of equal numbers
//! exact.

use super::MAX_LANES;
use crate::kernels::simd::registers::{Array, Simd};

/// A vector whose lanes are added up in `f64`.
pub trait Summed: Simd {
    /// A sum for each lane. As for a vector, whoever holds it is on a machine that has the instructions.
    type Sums: Copy;

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
}

/// Vectors of `f64`, which are their own sums.
macro_rules! double {
    ($(<$(const $N:ident)?> $V:ty),*) => { $(
        impl$(<const $N: usize>)? Summed for $V {
            type Sums = Self;

            #[inline(always)]
            unsafe fn sums() -> Self {
                // SAFETY: the machine has the instructions, as the caller promises.
                unsafe { Self::zero() }
            }
            #[inline(always)]
            fn add_to(self, sums: Self) -> Self {
                Simd::add(sums, self)
            }
            #[inline(always)]
            fn add_square_to(self, sums: Self) -> Self {
                Simd::mul_add(self, self, sums)
            }
            #[inline(always)]
            fn join(a: Self, b: Self) -> Self {
                Simd::add(a, b)
            }
            #[inline(always)]
            fn total(sums: Self) -> f64 {
                Simd::reduce_sum(sums)
            }
            #[inline(always)]
            fn each_sum(sums: Self) -> [f64; MAX_LANES] {
                let mut each = [0.0; MAX_LANES];
                // SAFETY: the array holds as many elements as the widest vector.
                unsafe { sums.store(each.as_mut_ptr()) };
                each
            }
        }
    )* };
}
double!(<const N> Array<f64, N>);
#[cfg(target_arch = "x86_64")]
double!(<> crate::kernels::simd::registers::F64x4, <> crate::kernels::simd::registers::F64x8);

/// Vectors of `f32`, whose two halves are vectors of `f64`.
#[cfg(target_arch = "x86_64")]
macro_rules! single {
    ($V:ty, $D:ty, |$x:ident| $halves:expr) => {
        impl Summed for $V {
            type Sums = [$D; 2];

            #[inline(always)]
            unsafe fn sums() -> [$D; 2] {
                // SAFETY: the machine has the instructions of the `f32` vector, which are those of its halves.
                unsafe { [<$D as Simd>::zero(); 2] }
            }
            #[inline(always)]
            fn add_to(self, [low, high]: [$D; 2]) -> [$D; 2] {
                let $x = self;
                let halves: [$D; 2] = $halves;
                [low + halves[0], high + halves[1]]
            }
            #[inline(always)]
            fn add_square_to(self, [low, high]: [$D; 2]) -> [$D; 2] {
                let $x = self;
                let halves: [$D; 2] = $halves;
                [halves[0].mul_add(halves[0], low), halves[1].mul_add(halves[1], high)]
            }
            #[inline(always)]
            fn join(a: [$D; 2], b: [$D; 2]) -> [$D; 2] {
                [a[0] + b[0], a[1] + b[1]]
            }
            #[inline(always)]
            fn total([low, high]: [$D; 2]) -> f64 {
                Simd::reduce_sum(low + high)
            }
            #[inline(always)]
            fn each_sum([low, high]: [$D; 2]) -> [f64; MAX_LANES] {
                let mut each = [0.0; MAX_LANES];
                // SAFETY: the array holds as many elements as the widest vector of `f32`, two of its halves.
                unsafe {
                    low.store(each.as_mut_ptr());
                    high.store(each.as_mut_ptr().add(<$D as Simd>::LANES));
                }
                each
            }
        }
    };
}
#[cfg(target_arch = "x86_64")]
single!(crate::kernels::simd::registers::F32x8, crate::kernels::simd::registers::F64x4, |x| super::x86::halves_of_8(x));
#[cfg(target_arch = "x86_64")]
single!(crate::kernels::simd::registers::F32x16, crate::kernels::simd::registers::F64x8, |x| super::x86::halves_of_16(
    x
));

impl<const N: usize> Summed for Array<f32, N> {
    type Sums = [f64; N];

    #[inline(always)]
    unsafe fn sums() -> [f64; N] {
        [0.0; N]
    }
    #[inline(always)]
    fn add_to(self, sums: [f64; N]) -> [f64; N] {
        let x = super::portable::lanes(self);
        std::array::from_fn(|i| sums[i] + f64::from(x[i]))
    }
    #[inline(always)]
    fn add_square_to(self, sums: [f64; N]) -> [f64; N] {
        let x = super::portable::lanes(self).map(f64::from);
        std::array::from_fn(|i| sums[i] + x[i] * x[i])
    }
    #[inline(always)]
    fn join(a: [f64; N], b: [f64; N]) -> [f64; N] {
        std::array::from_fn(|i| a[i] + b[i])
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
}

/// A sum of `f64` and what its roundings left out (Neumaier).
#[derive(Clone, Copy, Default)]
pub struct Total {
    sum: f64,
    rest: f64,
}

impl Total {
    /// Adds `x`.
    #[inline(always)]
    pub fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        let part = sum - self.sum;
        self.rest += (self.sum - (sum - part)) + (x - part);
        self.sum = sum;
    }

    /// The sum.
    #[inline(always)]
    pub fn get(self) -> f64 {
        // Infinite sums leave NaN.
        if self.rest.is_finite() { self.sum + self.rest } else { self.sum }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Float, Kernel, Vector};
    use super::*;
    use crate::kernels::testing::on_each;

    #[derive(Clone)]
    struct Sums<T>(Vec<T>);

    impl<T: Float> Kernel<T> for Sums<T> {
        type Output = (Vec<f64>, f64, f64);

        #[inline(always)]
        unsafe fn run<V: Vector<Elem = T>>(self) -> Self::Output {
            // SAFETY: the slice is longer than two vectors.
            unsafe {
                let (a, b) = (V::load(self.0.as_ptr()), V::load(self.0.as_ptr().add(V::LANES)));
                let sums = V::join(a.add_to(V::sums()), b.add_to(V::sums()));
                let squares = a.add_square_to(V::sums());
                (V::each_sum(sums)[..V::LANES].to_vec(), V::total(sums), V::total(squares))
            }
        }
    }

    fn check<T: Float>() {
        let x: Vec<f64> = (0..64).map(|i| f64::from(i * i) - 3.0).collect();
        for (each, total, squares) in on_each(&Sums(x.iter().map(|&x| T::of(x)).collect())) {
            let n = each.len();
            let want: Vec<f64> = (0..n).map(|i| x[i] + x[i + n]).collect();
            assert_eq!((each, total), (want, x[..2 * n].iter().sum()));
            assert_eq!(squares, x[..n].iter().map(|x| x * x).sum::<f64>());
        }
    }

    #[test]
    fn every_lane_on_every_machine() {
        check::<f32>();
        check::<f64>();
    }

    #[test]
    fn what_rounding_leaves_out_is_kept() {
        let sum = |list: &[f64]| {
            let mut total = Total::default();
            list.iter().for_each(|&x| total.add(x));
            total.get()
        };
        assert_eq!(sum(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum(&[f64::INFINITY, 1.0]), f64::INFINITY);
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan() && sum(&[f64::NAN, 1.0]).is_nan());
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
    }
}
