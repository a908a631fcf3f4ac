//! From scores to classes. The results have no gradient: classes are whole numbers.

use crate::dim::rule::{AnAxis, Said};
use crate::dim::{Dim, HasAxis, SameShape};
use crate::kernels::{Array, elementwise, reduce as kernel};
use crate::tensor::{Float, Tensor};

impl<B: Dim, C: Dim, T: Float> Tensor<(B, C), T> {
    /// The class with the largest score for each sample, the first of equal ones: `[B, C]` to `[B]`. PyTorch's
    /// `argmax(1)`.
    ///
    /// # Panics
    ///
    /// If there are samples but no classes.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![2, 3]>::from([[1.0, 3.0, 2.0], [0.0, 0.0, -1.0]]).argmax().to_vec(), [1, 0]);
    /// ```
    #[track_caller]
    pub fn argmax(&self) -> Tensor<(B,), i64> {
        let shape = self.value().shape();
        assert!(shape.get(1) > 0 || shape.get(0) == 0, "argmax: scores of shape {shape:?} have no class to choose");
        Tensor::wrap(kernel::argmax(self.value().array(), 1).into())
    }

    /// The share of samples whose largest score is at their label: `[B, C]` scores and `[B]` labels to 0..=1; NaN of no
    /// samples.
    ///
    /// # Panics
    ///
    /// If a label is no class, in 0 to C - 1, or there are not as many labels as samples.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let scores = Tensor::<shape![2, 2]>::from([[1.0, 3.0], [0.0, -1.0]]);
    /// assert_eq!(scores.accuracy(&Tensor::<shape![2], i64>::from([1, 1])), 0.5);
    /// ```
    #[track_caller]
    pub fn accuracy<D>(&self, labels: &Tensor<(D,), i64>) -> f64
    where
        (B,): SameShape<(D,)>,
    {
        let labels = labels.value().array();
        let (scores, found) = (self.value().shape(), labels.shape());
        assert!(
            found.get(0) == scores.get(0),
            "accuracy: {} labels for {} samples (scores {scores:?}, labels {found:?})",
            found.get(0),
            scores.get(0)
        );
        let (labels, classes) = (labels.to_vec::<i64>(), scores.get(1));
        if let Some(at) = labels.iter().position(|&label| !usize::try_from(label).is_ok_and(|label| label < classes)) {
            panic!("accuracy: label {} of sample {at} is none of the {classes} classes, counted from 0", labels[at]);
        }
        let guesses = self.argmax().to_vec();
        guesses.iter().zip(&labels).filter(|(guess, label)| guess == label).count() as f64 / guesses.len() as f64
    }
}

/// The place of the largest element along `axis`.
#[track_caller]
fn largest(name: &str, x: &Array, axis: usize) -> Array {
    let shape = x.shape();
    let some = shape.get(axis) > 0 || shape.without(axis).count() == 0;
    assert!(some, "{name}: axis {axis} of {shape:?} has no element to choose");
    kernel::argmax(x, axis)
}

impl<S, T: Float> Tensor<S, T> {
    /// The place of the largest element along an axis, the first of equal ones; NaN counts as the largest. PyTorch's `argmax`.
    ///
    /// # Panics
    ///
    /// If the axis is empty.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 5.0, 2.0], [3.0, 0.0, 2.0]]);
    /// let rows: Tensor<shape![3], i64> = x.argmax_over(Axis::<0>);
    /// assert_eq!(rows.to_vec(), [1, 0, 0]);
    /// ```
    #[doc(alias = "argmax")]
    #[track_caller]
    pub fn argmax_over<A>(&self, _axis: A) -> Tensor<S::Without, i64>
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        Tensor::wrap(largest("argmax", self.value().array(), S::INDEX).into())
    }

    /// The place of the smallest element along an axis, the first of equal ones; NaN counts as the smallest. PyTorch's `argmin`.
    ///
    /// # Panics
    ///
    /// If the axis is empty.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 5.0, 2.0], [3.0, 0.0, 2.0]]);
    /// assert_eq!(x.argmin_over(Axis::<-1>).to_vec(), [0, 1]);
    /// ```
    #[doc(alias = "argmin")]
    #[track_caller]
    pub fn argmin_over<A>(&self, _axis: A) -> Tensor<S::Without, i64>
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        Tensor::wrap(largest("argmin", &elementwise::neg(self.value().array().clone()), S::INDEX).into())
    }
}

#[cfg(test)]
mod tests {
    use crate::dim::{Dyn, Num};
    use crate::tensor::Tensor;

    fn scores() -> Tensor<(Dyn, Num<2>)> {
        Tensor::from([[1.0, 3.0], [0.0, -1.0]]).to_dynamic()
    }

    #[test]
    #[should_panic(expected = "accuracy: label 7 of sample 1 is none of the 2 classes, counted from 0")]
    fn a_label_outside_is_refused() {
        scores().accuracy(&Tensor::from([0, 7]));
    }

    #[test]
    #[should_panic(expected = "accuracy: label -1 of sample 0 is none of the 2 classes")]
    fn a_negative_label_is_refused() {
        scores().accuracy(&Tensor::from([-1, 0]));
    }

    #[test]
    #[should_panic(expected = "accuracy: 3 labels for 2 samples (scores [2, 2], labels [3])")]
    fn other_numbers_are_refused() {
        scores().accuracy(&Tensor::from(vec![0, 1, 1]));
    }
}
