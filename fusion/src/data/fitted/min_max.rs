//! The range of each column brought to 0..1.

use super::columns::{scaled, unscaled};
use crate::dim::Dim;
use crate::tensor::{Float, Tensor};
use fusion_macros::Module;

/// Brings each column to the range 0 to 1 by the least and the greatest number of the data it was fitted to:
/// scikit-learn's `MinMaxScaler`.
///
/// A column that is always the same is only shifted. NaNs are left out of the fit and stay NaN. Numbers outside what was
/// seen become numbers outside 0 to 1. As a part of a network it is saved and loaded with it, as
/// [`Standardizer`](crate::data::Standardizer) is.
///
/// ```
/// use fusion::data::MinMax;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![3, 2]>::from([[1.0, 5.0], [2.0, 5.0], [5.0, 5.0]]);
/// let scale = MinMax::fit(&x);
/// assert_eq!(scale.transform(&x).to_vec(), [0.0, 0.0, 0.25, 0.0, 1.0, 0.0]);
/// assert_eq!(scale.inverse(&scale.transform(&x)).to_vec(), x.to_vec());
/// ```
#[derive(Debug, Module)]
#[doc(alias = "MinMaxScaler")]
pub struct MinMax<F, T: Float = f32> {
    /// The least number of each column.
    #[buffer(zeros)]
    pub min: Tensor<(F,), T>,
    /// The greatest less the least; 1 for a column that is always the same.
    #[buffer(ones)]
    pub range: Tensor<(F,), T>,
}

impl<F: Dim, T: Float> MinMax<F, T> {
    /// The ranges of these columns; of no rows, 0 and 1.
    #[track_caller]
    pub fn fit<R: Dim>(x: &Tensor<(R, F), T>) -> Self {
        let columns = x.shape()[1];
        let mut ends = vec![(f64::INFINITY, f64::NEG_INFINITY); columns];
        for row in x.to_vec().chunks(columns.max(1)) {
            for ((low, high), &x) in ends.iter_mut().zip(row) {
                // `min` and `max` pass over a NaN.
                (*low, *high) = (low.min(x.into()), high.max(x.into()));
            }
        }
        let vector = |of: &dyn Fn(f64, f64) -> f64| {
            let list = ends.iter().map(|&(low, high)| T::from_f64(of(low, high))).collect();
            Tensor::from_vec_sized(list, &[columns]).expect("a number for each column")
        };
        let (min, range) = (
            vector(&|low, high| if low <= high { low } else { 0.0 }),
            vector(&|low, high| if low < high { high - low } else { 1.0 }),
        );
        Self { min, range }
    }

    /// `(x - min) / range`, column by column. Gradients flow through to `x`.
    ///
    /// # Panics
    /// If `x` has another number of columns, which only a `Dyn` allows.
    #[track_caller]
    pub fn transform<R: Dim>(&self, x: &Tensor<(R, F), T>) -> Tensor<(R, F), T> {
        Tensor::wrap(scaled(x.value(), self.min.value(), self.range.value()))
    }

    /// `x * range + min`: undoes [`MinMax::transform`].
    #[track_caller]
    pub fn inverse<R: Dim>(&self, x: &Tensor<(R, F), T>) -> Tensor<(R, F), T> {
        Tensor::wrap(unscaled(x.value(), self.min.value(), self.range.value()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};
    use crate::nn::Forward;

    /// Figures of scikit-learn's MinMaxScaler.
    #[test]
    fn as_scikit_learn() {
        let x = Tensor::<(Num<4>, Num<3>), f64>::from([
            [1.0, 10.0, 5.0],
            [2.0, 20.0, 5.0],
            [4.0, 10.0, 5.0],
            [8.0, -3.0, 5.0],
        ]);
        let scale = MinMax::fit(&x);
        let other = Tensor::<(Num<2>, Num<3>), f64>::from([[1.0, 10.0, 5.0], [15.0, -3.0, 7.0]]);
        let found = scale.transform(&other);
        for (found, want) in found.to_vec().into_iter().zip([0.0, 0.5652173913043478, 0.0, 2.0, 0.0, 2.0]) {
            assert!((found - want).abs() < 1e-15, "{found} instead of {want}");
        }
        assert_eq!(scale.forward(other).to_vec(), found.to_vec());
    }

    #[test]
    fn missing_numbers_and_none() {
        let x = Tensor::<(Num<3>, Num<2>)>::from([[1.0, f32::NAN], [f32::NAN, f32::NAN], [3.0, f32::NAN]]);
        let scale = MinMax::fit(&x);
        assert_eq!((scale.min.to_vec(), scale.range.to_vec()), (vec![1.0, 0.0], vec![2.0, 1.0]));
        assert!(scale.transform(&x).to_vec()[2].is_nan());
        let none = Tensor::<(Dyn, Dyn)>::zeros_sized(&[0, 0]).unwrap();
        assert_eq!(MinMax::fit(&none).min.shape(), [0]);
    }
}
