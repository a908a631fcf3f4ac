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
    /// samples. Panics if a label is not one of the C classes.
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
        if let Err(problem) = super::loss::check_labels("accuracy", self.value(), labels.value().array()) {
            panic!("{problem}");
        }
        let (guesses, labels) = (self.argmax().to_vec(), labels.value().array().to_vec::<i64>());
        guesses.iter().zip(&labels).filter(|(guess, label)| guess == label).count() as f64 / guesses.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::Dyn;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn labels_that_are_no_class() {
        let scores = Tensor::<(Dyn, Dyn)>::from_fn_sized(&[2, 2], |i| i as f32).unwrap();
        for (labels, problem) in [
            (vec![1, 7], "accuracy: the label of row 1 is 7, but there are 2 classes (0 to 1)"),
            (vec![-1, 0], "accuracy: the label of row 0 is -1, but there are 2 classes (0 to 1)"),
            (vec![1], "accuracy: 1 labels for 2 rows"),
        ] {
            let labels = Tensor::<(Dyn,), i64>::from(labels);
            let panic = catch_unwind(AssertUnwindSafe(|| scores.accuracy(&labels))).expect_err("refused");
            assert_eq!(*panic.downcast::<String>().expect("a sentence"), problem);
        }
        assert_eq!(scores.accuracy(&Tensor::<(Dyn,), i64>::from(vec![1, 0])), 0.5);
        assert!(Tensor::<(Dyn, Dyn)>::zeros_sized(&[0, 2]).unwrap().accuracy(&Tensor::from(vec![])).is_nan());
    }
}
