//! Scaling columns to mean 0 and standard deviation 1.

use super::columns::{scaled, unscaled};
use crate::dim::Dim;
use crate::tensor::{Float, Tensor};
use fusion_macros::Module;

/// Shifts and scales each column by the mean and standard deviation of the data it was fitted to: scikit-learn's
/// `StandardScaler`, with its population standard deviation (divided by n, not n - 1).
///
/// A column without variation is only shifted. NaNs are left out of the fit and stay NaN. Fit it to the training data
/// and transform the test data with it too.
///
/// ```
/// use fusion::data::Standardizer;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![4, 2]>::from([[1.0, 5.0], [2.0, 5.0], [4.0, 5.0], [5.0, 5.0]]);
/// let scale = Standardizer::fit(&x);
/// assert_eq!(scale.mean.to_vec(), [3.0, 5.0]);
/// let y = scale.transform(&x); // in the first column, (x - 3) / sqrt(2.5)
/// assert!((y.get(&[0, 0]).unwrap() + 1.264911).abs() < 1e-6);
/// assert_eq!(y.get(&[0, 1]), Some(0.0));
/// assert!((scale.inverse(&y).get(&[3, 0]).unwrap() - 5.0).abs() < 1e-6);
/// ```
///
/// As a part of a network it is saved and loaded with it, as the buffers `mean` and `std`; until it is fitted, it changes
/// nothing.
///
/// ```
/// use fusion::data::{self, Standardizer};
/// use fusion::prelude::*;
///
/// #[derive(Module)]
/// #[module(sequential)]
/// struct Wine {
///     scale: Standardizer<dim!(13)>,
///     fc: Linear<dim!(13), dim!(3)>,
/// }
///
/// let mut net = Wine::init(&mut StdRng::seed_from_u64(0));
/// net.scale = Standardizer::fit(&data::wine().x);
/// let scores = net.forward(data::wine().x);
/// assert_eq!(scores.shape(), [178, 3]);
/// assert_eq!(net.names(), ["scale.mean", "scale.std", "fc.weight", "fc.bias"]);
/// ```
#[derive(Debug, Module)]
#[doc(alias = "StandardScaler")]
pub struct Standardizer<F, T: Float = f32> {
    /// What is taken from each column.
    #[buffer(zeros)]
    pub mean: Tensor<(F,), T>,
    /// What each column is then divided by; 1 for a column without variation.
    #[buffer(ones)]
    pub std: Tensor<(F,), T>,
}

impl<F: Dim, T: Float> Standardizer<F, T> {
    /// The means and standard deviations of these columns; of no rows, 0 and 1. Sums are kept in `f64`.
    #[track_caller]
    pub fn fit<R: Dim>(x: &Tensor<(R, F), T>) -> Self {
        let columns = x.shape()[1];
        let numbers: Vec<f64> = x.to_vec().into_iter().map(Into::into).collect();
        let (mut means, mut stds) = (Vec::with_capacity(columns), Vec::with_capacity(columns));
        for column in 0..columns {
            let column = || numbers.iter().skip(column).step_by(columns).copied().filter(|x| !x.is_nan());
            let n = column().count().max(1) as f64;
            let mean = column().sum::<f64>() / n;
            let variance = column().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            // What rounding alone can make of a constant column; scikit-learn's bound.
            let noise = n * f64::EPSILON * variance + (n * mean * f64::EPSILON).powi(2);
            means.push(T::from_f64(mean));
            stds.push(T::from_f64(if variance <= noise { 1.0 } else { variance.sqrt() }));
        }
        let vector = |list: Vec<T>| Tensor::from_vec_sized(list, &[columns]).expect("a number for each column");
        Self { mean: vector(means), std: vector(stds) }
    }

    /// `(x - mean) / std`, column by column. Gradients flow through to `x`.
    ///
    /// Panics if `x` has another number of columns, which only a `Dyn` allows.
    #[track_caller]
    pub fn transform<R: Dim>(&self, x: &Tensor<(R, F), T>) -> Tensor<(R, F), T> {
        Tensor::wrap(scaled(x.value(), self.mean.value(), self.std.value()))
    }

    /// `x * std + mean`: undoes [`Standardizer::transform`].
    ///
    /// ```
    /// use fusion::data::{self, Standardizer};
    ///
    /// let wine = data::wine();
    /// let scale = Standardizer::fit(&wine.x);
    /// let back = scale.inverse(&scale.transform(&wine.x));
    /// assert!((back.get(&[0, 12]).unwrap() - 1065.0).abs() < 1e-3);
    /// ```
    #[track_caller]
    pub fn inverse<R: Dim>(&self, x: &Tensor<(R, F), T>) -> Tensor<(R, F), T> {
        Tensor::wrap(unscaled(x.value(), self.mean.value(), self.std.value()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::iris;
    use crate::dim::{Dyn, Num};

    #[track_caller]
    fn close<T: Float>(found: &[T], want: &[f64], tolerance: f64) {
        assert_eq!(found.len(), want.len());
        for (&f, &w) in found.iter().zip(want) {
            assert!((f.into() - w).abs() <= tolerance, "{found:?} instead of {want:?}");
        }
    }

    /// Figures of scikit-learn's StandardScaler.
    #[test]
    fn as_scikit_learn() {
        let x = Tensor::<(Num<4>, Num<3>), f64>::from([
            [1.0, 10.0, 5.0],
            [2.0, 20.0, 5.0],
            [4.0, 10.0, 5.0],
            [8.0, -3.0, 5.0],
        ]);
        let scale = Standardizer::fit(&x);
        close(&scale.mean.to_vec(), &[3.75, 9.25, 5.0], 1e-15);
        close(&scale.std.to_vec(), &[2.680951323690902, 8.166241485530538, 1.0], 1e-15);
        let other = Tensor::<(Num<2>, Num<3>), f64>::from([[1.0, 10.0, 5.0], [8.0, -3.0, 7.0]]);
        let want = [-1.025755289064345, 0.09184151623839404, 0.0, 1.5852581740085334, -1.500078098560436, 2.0];
        let scaled = scale.transform(&other);
        close(&scaled.to_vec(), &want, 1e-15);
        close(&scale.inverse(&scaled).to_vec(), &[1.0, 10.0, 5.0, 8.0, -3.0, 7.0], 1e-14);

        let iris = iris();
        let scale = Standardizer::fit(&iris.x);
        let std = [0.825301276711685, 0.43441096666808227, 1.7594040604844148, 0.7596926181199836];
        close(&scale.std.to_vec(), &std, 1e-7);
        let first = [-0.9006812945990588, 1.0190043486212468, -1.3402265376093283, -1.3154442967642512];
        close(&scale.transform(&iris.x).to_vec()[..4], &first, 1e-6);
    }

    #[test]
    fn constant_missing_and_empty_columns() {
        // A constant that has no exact mean.
        let x = Tensor::<(Dyn, Num<2>)>::from_fn_sized(&[7, 2], |i| if i % 2 == 0 { 0.1 } else { f32::NAN }).unwrap();
        let scale = Standardizer::fit(&x);
        assert_eq!((scale.mean.to_vec(), scale.std.to_vec()), (vec![0.1, 0.0], vec![1.0, 1.0]));
        let x = Tensor::<(Num<3>, Num<1>)>::from([[1.0], [f32::NAN], [3.0]]);
        let scale = Standardizer::fit(&x);
        assert_eq!((scale.mean.to_vec(), scale.std.to_vec()), (vec![2.0], vec![1.0]));
        assert!(scale.transform(&x).to_vec()[1].is_nan());
        let none = Tensor::<(Dyn, Num<2>)>::zeros_sized(&[0, 2]).unwrap();
        let scale = Standardizer::fit(&none);
        assert_eq!((scale.mean.to_vec(), scale.std.to_vec()), (vec![0.0, 0.0], vec![1.0, 1.0]));
        assert_eq!(scale.transform(&none).shape(), [0, 2]);
        let narrow = Tensor::<(Num<2>, Dyn)>::zeros_sized(&[2, 0]).unwrap();
        assert_eq!(Standardizer::fit(&narrow).mean.shape(), [0]);
    }

    #[test]
    fn gradients_flow_through() {
        let x = Tensor::<(Num<2>, Num<1>), f64>::from([[1.0], [5.0]]);
        let (scale, watched) = (Standardizer::fit(&x), x.watch());
        let grads = scale.transform(&watched).sum().backward();
        assert_eq!(grads.get(&watched).unwrap().to_vec(), [0.5, 0.5]);
    }

    #[test]
    #[should_panic(expected = "fitted to 2 columns, and this tensor has 1")]
    fn another_number_of_columns() {
        let wide = Tensor::<(Dyn, Dyn)>::zeros_sized(&[3, 2]).unwrap();
        let narrow = Tensor::<(Dyn, Dyn)>::zeros_sized(&[3, 1]).unwrap();
        Standardizer::fit(&wide).transform(&narrow);
    }
}
