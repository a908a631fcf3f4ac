//! How far numbers are from those that were to be predicted.

use super::metric::floats;
use crate::dim::SameShape;
use crate::kernels::Array;
use crate::ops::or_panic;
use crate::tensor::{Float, Tensor};
use crate::train::saved::{Kept, saved};
use crate::{Error, Result};
use serde_json::Value as Json;

/// Predicted numbers and what they should be: MAE, MSE, RMSE and R2, over batches.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::metrics::Regression;
///
/// let mut errors = Regression::new();
/// errors.update(&Tensor::from([[2.5], [0.0]]), &Tensor::from([[3.0], [-0.5]]));
/// errors.update(&Tensor::from([[2.0], [8.0]]), &Tensor::from([[2.0], [7.0]]));
/// assert_eq!((errors.mae(), errors.mse()), (0.5, 0.375));
/// assert!((errors.r2() - 0.948608).abs() < 1e-6);
/// ```
///
/// Each number of a sample is an output of its own: of `[B, K]` there are K. A figure of all is the mean of the outputs', as
/// in scikit-learn's `mean_absolute_error`, `mean_squared_error`, `root_mean_squared_error` and `r2_score`. NaN among the
/// predictions or the targets gives NaN, of its output and of all.
#[derive(Clone, Debug, Default, PartialEq)]
#[doc(alias = "mean_absolute_error")]
#[doc(alias = "mean_squared_error")]
#[doc(alias = "r2_score")]
pub struct Regression {
    outputs: Vec<Output>,
}
saved!(Regression { outputs });

/// The sums of one output.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Output {
    count: u64,
    absolute: f64,
    squared: f64,
    /// The mean of the targets, and the sum of their squared distances from it (Welford 1962).
    mean: f64,
    spread: f64,
}

impl Output {
    fn add(&mut self, found: f64, want: f64) {
        let off = found - want;
        self.absolute += off.abs();
        self.squared += off * off;
        self.count += 1;
        let before = want - self.mean;
        self.mean += before / self.count as f64;
        self.spread += before * (want - self.mean);
    }

    fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let (here, there) = (self.count as f64, other.count as f64);
        let (apart, all) = (other.mean - self.mean, here + there);
        self.absolute += other.absolute;
        self.squared += other.squared;
        self.spread += other.spread + apart * apart * here * there / all;
        self.mean += apart * there / all;
        self.count += other.count;
    }

    fn errors(&self) -> Errors {
        let n = self.count as f64;
        let mse = self.squared / n;
        let r2 = match (self.spread == 0.0, self.squared == 0.0) {
            _ if self.count < 2 => f64::NAN,
            (true, true) => 1.0,
            (true, false) if self.squared.is_nan() => f64::NAN,
            (true, false) => 0.0,
            (false, _) => 1.0 - self.squared / self.spread,
        };
        Errors { mae: self.absolute / n, mse, rmse: mse.sqrt(), r2 }
    }
}

impl Kept for Output {
    const WANTED: &'static str = "a count and four numbers";

    fn to_json(&self) -> Json {
        let Self { count, absolute, squared, mean, spread } = self;
        Json::Array(vec![count.to_json(), absolute.to_json(), squared.to_json(), mean.to_json(), spread.to_json()])
    }

    fn from_json(json: &Json) -> Option<Self> {
        let [count, absolute, squared, mean, spread] = &json.as_array()?[..] else { return None };
        let number = f64::from_json;
        Some(Self {
            count: u64::from_json(count)?,
            absolute: number(absolute)?,
            squared: number(squared)?,
            mean: number(mean)?,
            spread: number(spread)?,
        })
    }
}

/// The errors of an output, or of all.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Errors {
    /// The mean absolute error; NaN of no samples.
    pub mae: f64,
    /// The mean squared error; NaN of no samples.
    pub mse: f64,
    /// The root of the mean squared error; NaN of no samples.
    pub rmse: f64,
    /// The share of the targets' variance that is explained: 1 less the squared errors over the targets' squared distances
    /// from their mean. Where all targets are equal it is 1 if there is no error, else 0; of fewer than two samples it is NaN.
    pub r2: f64,
}

impl Regression {
    /// Of nothing yet.
    pub const fn new() -> Self {
        Self { outputs: Vec::new() }
    }

    /// Adds a batch: predictions and targets of one shape, whose first axis is that of the samples.
    ///
    /// # Panics
    /// If two sizes known at run time differ.
    #[track_caller]
    pub fn update<S, L, T: Float>(&mut self, predictions: &Tensor<S, T>, targets: &Tensor<L, T>)
    where
        S: SameShape<L>,
    {
        or_panic(self.try_update(predictions, targets));
    }

    /// As [`update`](Regression::update), or an error, and then the batch counts for nothing.
    ///
    /// # Errors
    /// [`Error::Shape`] if two sizes known at run time differ.
    pub fn try_update<S, L, T: Float>(&mut self, predictions: &Tensor<S, T>, targets: &Tensor<L, T>) -> Result<()>
    where
        S: SameShape<L>,
    {
        self.add(predictions.value().array(), targets.value().array(), None)
    }

    /// Adds those numbers of a batch for which the mask is true: targets that are not known are left out so, whatever stands
    /// in their place.
    ///
    /// # Panics
    /// As [`update`](Regression::update).
    #[track_caller]
    pub fn update_where<S, L, M, T: Float>(
        &mut self,
        predictions: &Tensor<S, T>,
        targets: &Tensor<L, T>,
        mask: &Tensor<M, bool>,
    ) where
        S: SameShape<L>,
        L: SameShape<M>,
    {
        or_panic(self.add(predictions.value().array(), targets.value().array(), Some(mask.value().array())));
    }

    fn add(&mut self, found: &Array, want: &Array, mask: Option<&Array>) -> Result<()> {
        let shape = found.shape();
        for (what, other) in [("targets", Some(want.shape())), ("a mask", mask.map(Array::shape))] {
            if let Some(other) = other.filter(|other| *other != shape) {
                return Err(Error::shape(format_args!(
                    "regression: predictions {shape:?} need {what} of the same shape, not {other:?}"
                )));
            }
        }
        let outputs = shape.iter().skip(1).product::<usize>();
        if self.outputs.is_empty() {
            self.outputs = vec![Output::default(); outputs];
        } else if self.outputs.len() != outputs {
            let before = self.outputs.len();
            return Err(Error::shape(format_args!(
                "regression: samples before are of {before} numbers, but predictions {shape:?} are of {outputs}"
            )));
        }
        let mask = mask.map(Array::to_vec::<bool>);
        for (at, (found, want)) in floats(found).into_iter().zip(floats(want)).enumerate() {
            if mask.as_ref().is_none_or(|mask| mask[at]) {
                self.outputs[at % outputs].add(found, want);
            }
        }
        Ok(())
    }

    /// The errors of each output: `K` of `[B, K]`.
    pub fn outputs(&self) -> Vec<Errors> {
        self.outputs.iter().map(Output::errors).collect()
    }

    fn mean(&self, of: fn(Errors) -> f64) -> f64 {
        self.outputs.iter().map(|output| of(output.errors())).sum::<f64>() / self.outputs.len() as f64
    }

    /// The mean absolute error; NaN of no samples.
    pub fn mae(&self) -> f64 {
        self.mean(|errors| errors.mae)
    }

    /// The mean squared error; NaN of no samples.
    pub fn mse(&self) -> f64 {
        self.mean(|errors| errors.mse)
    }

    /// The root of the mean squared error, of each output, then the mean; NaN of no samples.
    pub fn rmse(&self) -> f64 {
        self.mean(|errors| errors.rmse)
    }

    /// The share of the variance that is explained, of each output ([`Errors::r2`]), then the mean; NaN of fewer than two
    /// samples.
    pub fn r2(&self) -> f64 {
        self.mean(|errors| errors.r2)
    }

    /// Adds what another one has seen.
    ///
    /// # Panics
    /// If that is of samples of another number of numbers.
    #[track_caller]
    pub fn merge(&mut self, other: &Self) {
        let (here, there) = (self.outputs.len(), other.outputs.len());
        if here == 0 {
            self.outputs.clone_from(&other.outputs);
        } else if there > 0 {
            assert!(here == there, "samples of {here} and of {there} numbers do not go together");
            self.outputs.iter_mut().zip(&other.outputs).for_each(|(output, other)| output.merge(other));
        }
    }

    /// Forgets all samples.
    pub fn reset(&mut self) {
        self.outputs.clear();
    }
}

impl<S, L, T: Float> super::Metric<Tensor<S, T>, Tensor<L, T>> for Regression
where
    S: SameShape<L>,
{
    #[track_caller]
    fn update(&mut self, predictions: &Tensor<S, T>, targets: &Tensor<L, T>) {
        or_panic(self.try_update(predictions, targets));
    }

    fn values(&self) -> Vec<(String, f64)> {
        let all = [("mae", self.mae()), ("rmse", self.rmse()), ("r2", self.r2())];
        all.map(|(name, value)| (name.to_owned(), value)).into()
    }

    fn reset(&mut self) {
        Self::reset(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::Dyn;

    fn of(found: &[f64], want: &[f64]) -> Regression {
        let mut errors = Regression::new();
        errors.update(&Tensor::<(Dyn,), f64>::from(found.to_vec()), &Tensor::<(Dyn,), f64>::from(want.to_vec()));
        errors
    }

    #[test]
    fn the_size_of_batches_does_not_matter() {
        let number = |i: usize| (i as f64 * 0.7).sin() * 1e3 + 1e6;
        let (found, want): (Vec<_>, Vec<_>) = (0..100).map(|i| (number(i), number(i + 1))).unzip();
        let whole = of(&found, &want);
        for size in [1, 7, 64] {
            let (mut parts, mut merged) = (Regression::new(), Regression::new());
            for (found, want) in found.chunks(size).zip(want.chunks(size)) {
                let part = of(found, want);
                merged.merge(&part);
                let found = Tensor::<(Dyn,), f64>::from(found.to_vec());
                parts.update(&found, &Tensor::<(Dyn,), f64>::from(want.to_vec()));
            }
            assert_eq!(parts, whole);
            assert!(
                (merged.r2() - whole.r2()).abs() < 1e-12 && (merged.mae() - whole.mae()).abs() < 1e-12 * whole.mae()
            );
        }
    }

    #[test]
    fn no_variance_or_no_samples() {
        assert_eq!(of(&[0.1; 7], &[0.1; 7]).r2(), 1.0);
        assert_eq!(of(&[0.2; 7], &[0.1; 7]).r2(), 0.0);
        assert!(of(&[0.2], &[0.2]).r2().is_nan());
        assert!(of(&[0.2, f64::NAN], &[0.2, 0.2]).r2().is_nan());
        for none in [of(&[], &[]), Regression::new()] {
            assert!(none.mae().is_nan() && none.rmse().is_nan() && none.r2().is_nan());
        }
    }

    #[test]
    fn masks_and_outputs() {
        let mut errors = Regression::new();
        let found = Tensor::from([[1.0, 5.0], [2.0, 5.0], [3.0, 6.0]]);
        let want = Tensor::from([[1.0, 4.0], [f32::NAN, 4.0], [2.0, 9.0]]);
        errors.update_where(&found, &want, &Tensor::from([[true, true], [false, true], [true, true]]));
        let [one, two] = errors.outputs()[..] else { panic!() };
        assert_eq!((one.mae, two.mae, errors.mae()), (0.5, 5.0 / 3.0, (0.5 + 5.0 / 3.0) / 2.0));
        let again: Regression = serde_json::from_value(serde_json::to_value(&errors).unwrap()).unwrap();
        assert_eq!(again, errors);
        errors.update(&found, &want);
        assert!(errors.mae().is_nan() && !errors.outputs()[1].mae.is_nan());
    }

    #[test]
    #[should_panic(expected = "regression: predictions [2] need targets of the same shape, not [3]")]
    fn other_sizes_are_refused() {
        of(&[0.1, 0.2], &[0.0, 1.0, 1.0]);
    }
}
