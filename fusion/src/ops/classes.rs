//! From scores to classes. What is found has no gradient: classes are whole numbers.

use crate::dim::{Dim, SameShape};
use crate::kernels::reduce as kernel;
use crate::tensor::{Float, Tensor};

impl<B: Dim, C: Dim, T: Float> Tensor<(B, C), T> {
    /// The class with the largest score for each sample, the first of equal ones: `[B, C]` to `[B]`. PyTorch's
    /// `argmax(1)`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![2, 3]>::from([[1.0, 3.0, 2.0], [0.0, 0.0, -1.0]]).argmax().to_vec(), [1, 0]);
    /// ```
    pub fn argmax(&self) -> Tensor<(B,), i64> {
        Tensor::wrap(kernel::argmax_rows(self.value().array()).into())
    }

    /// The share of samples whose largest score is at their label: `[B, C]` scores and `[B]` labels to 0..=1; NaN of no
    /// samples.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let scores = Tensor::<shape![2, 2]>::from([[1.0, 3.0], [0.0, -1.0]]);
    /// assert_eq!(scores.accuracy(&Tensor::<shape![2], i64>::from([1, 1])), 0.5);
    /// ```
    pub fn accuracy<D>(&self, labels: &Tensor<(D,), i64>) -> f64
    where
        (B,): SameShape<(D,)>,
    {
        let (guesses, labels) = (self.argmax().to_vec(), labels.value().array().to_vec::<i64>());
        assert_eq!(guesses.len(), labels.len(), "accuracy: {} labels for {} samples", labels.len(), guesses.len());
        guesses.iter().zip(&labels).filter(|(guess, label)| guess == label).count() as f64 / guesses.len() as f64
    }
}
