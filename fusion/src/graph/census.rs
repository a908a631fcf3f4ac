//! What the numbers of an array are like.

use crate::kernels::Array;
use crate::kernels::dtype::{Scalar, float};

/// How many elements an array of fractions has of each kind, and how large they are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Census {
    /// All of them.
    pub count: usize,
    /// Those that are 0.
    pub zeros: usize,
    /// Those that are NaN.
    pub nans: usize,
    /// Those that are infinite.
    pub infinite: usize,
    /// The largest absolute value of a finite one; 0 if there is none.
    pub largest: f64,
    /// The square root of the sum of the squares of the finite ones.
    pub norm: f64,
}

impl Census {
    /// Counts once through the array.
    pub fn of(array: &Array) -> Self {
        let array = array.contiguous();
        float!(array.dtype(), T => Self::over(array.as_slice::<T>().expect("contiguous").iter().map(|x| x.to_f64())))
    }

    /// As [`Census::of`], of these numbers.
    pub fn over(numbers: impl Iterator<Item = f64>) -> Self {
        let (mut all, mut squares) = (Self::default(), 0.0);
        for x in numbers {
            all.count += 1;
            if x.is_finite() {
                all.zeros += usize::from(x == 0.0);
                all.largest = all.largest.max(x.abs());
                squares += x * x;
            } else if x.is_nan() {
                all.nans += 1;
            } else {
                all.infinite += 1;
            }
        }
        all.norm = f64::sqrt(squares);
        all
    }

    /// The share of elements that are 0, from 0 to 1.
    pub fn share_of_zeros(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.zeros as f64 / self.count as f64 }
    }
}
