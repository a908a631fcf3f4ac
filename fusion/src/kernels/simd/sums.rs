//! Sums kept in `f64`: what makes a sum of millions of `f32` as good as one in `f64`, and one of equal numbers exact.

/// Vectors of `f64`, which are their own sums.
macro_rules! sums_of_itself {
    () => {
        type Sums = Self;

        #[inline(always)]
        unsafe fn sums() -> Self {
            // SAFETY: the machine has the instructions, as the caller promises.
            unsafe { Self::zero() }
        }
        #[inline(always)]
        fn add_to(self, sums: Self) -> Self {
            sums + self
        }
        #[inline(always)]
        fn add_square_to(self, sums: Self) -> Self {
            self.mul_add(self, sums)
        }
        #[inline(always)]
        fn join(a: Self, b: Self) -> Self {
            a + b
        }
        #[inline(always)]
        fn total(sums: Self) -> f64 {
            sums.reduce_sum()
        }
        #[inline(always)]
        fn each_sum(sums: Self) -> [f64; MAX_LANES] {
            let mut each = [0.0; MAX_LANES];
            // SAFETY: the array holds as many elements as the widest vector.
            unsafe { sums.store(each.as_mut_ptr()) };
            each
        }
    };
}
pub(super) use sums_of_itself;

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

    /// Adds another sum.
    #[inline(always)]
    pub fn join(&mut self, other: Self) {
        self.add(other.sum);
        self.rest += other.rest;
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
    use super::Total;
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
        for (each, total, squares) in on_each(&Sums(x.iter().map(|&x| T::from_f64(x)).collect())) {
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
        let two = |a: &[f64], b: &[f64]| {
            let mut totals = [a, b].map(|list| {
                list.iter().fold(Total::default(), |mut total, &x| {
                    total.add(x);
                    total
                })
            });
            let other = totals[1];
            totals[0].join(other);
            totals[0].get()
        };
        assert_eq!(two(&[1e100, 1.0], &[3.0, -1e100]), 4.0);
        assert_eq!(two(&[f64::INFINITY], &[1.0]), f64::INFINITY);
        assert!(two(&[f64::INFINITY], &[f64::NEG_INFINITY]).is_nan());
    }
}
