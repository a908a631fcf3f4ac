//! From scores to classes. The results have no gradient: classes are whole numbers.

use crate::dim::rule::{AnAxis, Said};
use crate::dim::{Dim, HasAxis, SameShape};
use crate::kernels::{Array, Dims, elementwise, reduce as kernel};
use crate::ops::or_panic;
use crate::tensor::{Float, Tensor};
use crate::{Error, Result};

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
        let labels = or_panic(labels_of("accuracy", self.value().shape(), labels.value().array(), None, None));
        right(self.value().array(), &labels) as f64 / labels.len() as f64
    }
}

/// The label of each sample, for scores `[samples, classes, ..]` of this shape; `None` where it is `ignored`, or where the
/// mask, of the labels' shape, is false. Says what is no class, or of another size.
pub fn labels_of(
    name: &str,
    scores: &Dims,
    labels: &Array,
    ignored: Option<i64>,
    mask: Option<&Array>,
) -> Result<Vec<Option<usize>>> {
    let (found, want, classes) = (labels.shape(), scores.without(1), scores.get(1));
    if *found != want {
        return Err(Error::shape(match want.rank() {
            1 => format!(
                "{name}: {} labels for {} samples (scores {scores:?}, labels {found:?})",
                found.get(0),
                want.get(0)
            ),
            _ => format!("{name}: scores {scores:?} need labels {want:?}, not {found:?}"),
        }));
    }
    if let Some(mask) = mask.filter(|mask| *mask.shape() != want) {
        let found = mask.shape();
        return Err(Error::shape(format!("{name}: labels {want:?} need a mask of the same shape, not {found:?}")));
    }
    classes_of(name, "label", labels, classes, ignored, mask)
}

/// Each element as one of the classes; `None` where it is `ignored`, or where the mask is false. Says what is no class.
pub fn classes_of(
    name: &str,
    what: &str,
    labels: &Array,
    classes: usize,
    ignored: Option<i64>,
    mask: Option<&Array>,
) -> Result<Vec<Option<usize>>> {
    let place = if labels.shape().rank() == 1 { "sample" } else { "element" };
    let counted = mask.map(Array::to_vec::<bool>);
    let class = |(at, label): (usize, i64)| match usize::try_from(label) {
        _ if Some(label) == ignored || counted.as_ref().is_some_and(|counted| !counted[at]) => Ok(None),
        Ok(class) if class < classes => Ok(Some(class)),
        _ => {
            let problem =
                format!("{name}: {what} {label} of {place} {at} is none of the {classes} classes, counted from 0");
            Err(Error::index(label, classes, problem))
        }
    };
    labels.to_vec::<i64>().into_iter().enumerate().map(class).collect()
}

/// The class with the largest score of each sample, the first of equal ones: `[samples, classes, ..]` to `[samples, ..]`.
/// Nothing if there are no classes.
pub fn guesses_of(scores: &Array) -> Vec<i64> {
    if scores.shape().get(1) == 0 { Vec::new() } else { kernel::argmax(scores, 1).to_vec() }
}

/// For how many of the samples that have a label the largest score is at it.
pub fn right(scores: &Array, labels: &[Option<usize>]) -> u64 {
    let is_right = |(guess, label): &(i64, &Option<usize>)| label.is_some_and(|label| *guess == label as i64);
    guesses_of(scores).into_iter().zip(labels).filter(is_right).count() as u64
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
