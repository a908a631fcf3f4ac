//! Principal components.

use super::columns::check;
use super::eigen::eigen;
use crate::dim::{Dim, Dyn, Nat};
use crate::ops::binary::{add, sub};
use crate::ops::matmul::{Activation, linear, matmul};
use crate::tensor::{Float, Tensor};
use crate::{Error, Result};
use fusion_macros::Module;

/// The `K` directions in which the rows of a table differ most, each at a right angle to the others: scikit-learn's `PCA`.
/// What many columns say together is seen in two or three.
///
/// A column in large units has large differences: bring columns to one scale with
/// [`Standardizer`](crate::data::Standardizer) first, unless their units are the same. Of the two signs of a direction, the one
/// in which its largest number is positive is taken, as in scikit-learn.
///
/// The eigenvectors of the covariance are computed in `f64` by Jacobi's method, whose cost grows with the cube of the number of
/// columns: a hundred take a hundredth of a second, a thousand a quarter of a minute.
///
/// Source: H. Hotelling (1933), Analysis of a complex of statistical variables into principal components.
///
/// ```
/// use fusion::data::{self, Pca};
/// use fusion::prelude::*;
///
/// let iris = data::iris();
/// let pca = Pca::<_, dim!(2)>::fit(&iris.x)?;
/// let points: Tensor<shape![Dyn, 2]> = pca.transform(&iris.x);
/// assert!((points.get(&[0, 0]).unwrap() + 2.6841).abs() < 1e-4);
/// assert!((pca.shares.get(&[0]).unwrap() - 0.9246).abs() < 1e-4); // of all variance, the first direction has 92%
/// # Ok::<(), fusion::Error>(())
/// ```
///
/// As a part of a network it is saved and loaded with it, as [`Standardizer`](crate::data::Standardizer) is; until it is fitted, it
/// makes everything 0.
#[derive(Debug, Module)]
#[doc(alias = "PrincipalComponents")]
pub struct Pca<F, K, T: Float = f32> {
    /// The mean of each column.
    #[buffer(zeros)]
    pub mean: Tensor<(F,), T>,
    /// The directions as rows of length 1, the one with the largest variance first. scikit-learn: `components_`.
    #[buffer(zeros)]
    pub components: Tensor<(K, F), T>,
    /// The variance along each direction, divided by n - 1. scikit-learn: `explained_variance_`.
    #[buffer(zeros)]
    pub variances: Tensor<(K,), T>,
    /// The share of each direction in the variance of all columns, 0 to 1. scikit-learn: `explained_variance_ratio_`.
    #[buffer(zeros)]
    pub shares: Tensor<(K,), T>,
}

impl<F: Dim, K: Nat, T: Float> Pca<F, K, T> {
    /// The directions of these rows.
    ///
    /// # Errors
    /// [`Error::Argument`] if there are fewer than two rows, fewer columns than directions, or a number that is NaN or infinite.
    ///
    /// ```
    /// use fusion::data::Pca;
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![3, 2]>::from([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]]); // on a line
    /// let pca = Pca::<_, dim!(2)>::fit(&x)?;
    /// assert!((pca.components.get(&[0, 1]).unwrap() - 0.8).abs() < 1e-6);
    /// assert_eq!((pca.variances.get(&[0]), pca.shares.get(&[0])), (Some(25.0), Some(1.0)));
    /// let error = Pca::<_, dim!(3)>::fit(&x).unwrap_err().to_string();
    /// assert!(error.contains("2 columns have no 3 directions"), "{error}");
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn fit<R: Dim>(x: &Tensor<(R, F), T>) -> Result<Self> {
        let (rows, columns, wanted) = (x.shape()[0], x.shape()[1], K::N);
        let wrong = |problem: String| Err(Error::argument("x", problem));
        if rows < 2 {
            return wrong(format!("{rows} rows have no directions: two have"));
        }
        if columns < wanted {
            return wrong(format!("{columns} columns have no {wanted} directions"));
        }
        let mut numbers: Vec<f64> = x.to_vec().into_iter().map(Into::into).collect();
        if let Some(at) = numbers.iter().position(|x| !x.is_finite()) {
            let (row, column, number) = (at / columns, at % columns, numbers[at]);
            return wrong(format!("row {row}, column {column} is {number}: directions are of finite numbers"));
        }
        let mut mean = vec![0.0; columns];
        for row in numbers.chunks_exact(columns) {
            mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += x / rows as f64);
        }
        for row in numbers.chunks_exact_mut(columns) {
            row.iter_mut().zip(&mean).for_each(|(x, mean)| *x -= mean);
        }
        let centred = Tensor::<(Dyn, Dyn), f64>::from_vec_sized(numbers, &[rows, columns])?;
        let products = centred.t().matmul(&centred).to_vec();
        let covariance: Vec<f64> = products.iter().map(|sum| sum / (rows - 1) as f64).collect();
        let total: f64 = (0..columns).map(|i| covariance[i * columns + i]).sum();
        let pairs = eigen(covariance, columns);
        let mut components = Vec::with_capacity(wanted * columns);
        for (_, vector) in &pairs[..wanted] {
            let largest = vector.iter().copied().reduce(|most, x| if x.abs() > most.abs() { x } else { most });
            let sign = largest.map_or(1.0, f64::signum);
            components.extend(vector.iter().map(|x| T::from_f64(sign * x)));
        }
        // Rounding may leave a variance of 0 a little below it.
        let variances = || pairs[..wanted].iter().map(|(variance, _)| variance.max(0.0));
        let share = |variance: f64| if total > 0.0 { variance / total } else { 0.0 };
        Ok(Self {
            mean: Tensor::from_vec_sized(mean.into_iter().map(T::from_f64).collect(), &[columns])?,
            components: Tensor::from_vec_sized(components, &[wanted, columns])?,
            variances: Tensor::from_vec_sized(variances().map(T::from_f64).collect(), &[wanted])?,
            shares: Tensor::from_vec_sized(variances().map(share).map(T::from_f64).collect(), &[wanted])?,
        })
    }

    /// The place of each row along the directions. Gradients flow through to `x`.
    ///
    /// # Panics
    /// If `x` has another number of columns, which only a `Dyn` allows.
    #[track_caller]
    pub fn transform<R: Dim>(&self, x: &Tensor<(R, F), T>) -> Tensor<(R, K), T> {
        check(x.value(), self.mean.value());
        let centred = sub(x.value().clone(), self.mean.value());
        Tensor::wrap(linear(centred, self.components.value(), None, Activation::Identity))
    }

    /// The row at each place, as far as the directions know it: undoes [`Pca::transform`] but for the variance that was left.
    ///
    /// ```
    /// use fusion::data::{self, Pca};
    /// use fusion::prelude::*;
    ///
    /// let digits = data::digits();
    /// let pca = Pca::<_, dim!(32)>::fit(&digits.x)?;
    /// let back = pca.inverse(&pca.transform(&digits.x));
    /// let lost = (back - &digits.x).square().mean().item(); // of pixels from 0 to 16
    /// assert!(lost < 0.8, "{lost}");
    /// # Ok::<(), fusion::Error>(())
    /// ```
    #[track_caller]
    pub fn inverse<R: Dim>(&self, places: &Tensor<(R, K), T>) -> Tensor<(R, F), T> {
        let centred = matmul(places.value().clone(), self.components.value().clone());
        Tensor::wrap(add(centred, self.mean.value()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::breast_cancer;
    use crate::dim::Num;

    /// What every set of directions has; tests/parity/statistics.rs holds them to scikit-learn's.
    #[test]
    fn all_directions_are_a_turn() {
        let x = breast_cancer().x.cast::<f64>();
        let pca = Pca::<_, Num<30>, f64>::fit(&x).unwrap();
        let points = pca.transform(&x);
        let off = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(off(&pca.inverse(&points).to_vec(), &x.to_vec()) < 1e-10);
        assert!((pca.shares.to_vec().iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(pca.variances.to_vec().is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn rows_without_directions() {
        let error = |x: &Tensor<(Dyn, Dyn)>| Pca::<_, Num<2>>::fit(x).unwrap_err().to_string();
        let ones = |rows, columns| Tensor::<(Dyn, Dyn)>::ones_sized(&[rows, columns]).unwrap();
        assert!(error(&ones(1, 5)).ends_with("1 rows have no directions: two have"));
        assert!(error(&ones(0, 0)).ends_with("0 rows have no directions: two have"));
        assert!(error(&ones(3, 1)).ends_with("1 columns have no 2 directions"));
        let missing = Tensor::<(Num<2>, Num<2>)>::from([[1.0, 2.0], [f32::NAN, 3.0]]);
        let text = Pca::<_, Num<1>>::fit(&missing).unwrap_err().to_string();
        assert!(text.ends_with("row 1, column 0 is NaN: directions are of finite numbers"), "{text}");
        // All alike: any directions, along which nothing differs.
        let pca = Pca::<_, Num<2>>::fit(&ones(4, 3)).unwrap();
        assert_eq!((pca.variances.to_vec(), pca.shares.to_vec()), (vec![0.0; 2], vec![0.0; 2]));
        assert_eq!(pca.transform(&ones(4, 3)).to_vec(), [0.0; 8]);
    }

    #[test]
    #[should_panic(expected = "fitted to 3 columns, and this tensor has 2")]
    fn another_number_of_columns() {
        let wide = Tensor::<(Dyn, Dyn)>::zeros_sized(&[3, 3]).unwrap();
        let narrow = Tensor::<(Dyn, Dyn)>::zeros_sized(&[3, 2]).unwrap();
        Pca::<_, Num<1>>::fit(&wide).unwrap().transform(&narrow);
    }
}
