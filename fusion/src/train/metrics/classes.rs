//! Shares of samples that are right.

use super::metric::{of_classes, rows};
use crate::Result;
use crate::dim::{SameShape, Scores};
use crate::kernels::Array;
use crate::ops::classes::{labels_of, right};
use crate::ops::or_panic;
use crate::tensor::{Float, Tensor};
use crate::train::saved::saved;
use std::cmp::Ordering;

/// The share of samples whose largest score is at their label, the first of equal ones: that of
/// [`Tensor::accuracy`](crate::Tensor::accuracy), over batches. scikit-learn's `accuracy_score`.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::metrics::Accuracy;
///
/// let mut accuracy = Accuracy::new().ignore_index(-100);
/// accuracy.update(&Tensor::from([[0.1, 0.9], [0.8, 0.2]]), &Tensor::from([1, 1]));
/// accuracy.update(&Tensor::from([[0.3, 0.7], [0.8, 0.2]]), &Tensor::from([1, -100]));
/// assert_eq!(accuracy.value(), 2.0 / 3.0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[doc(alias = "accuracy_score")]
pub struct Accuracy {
    right: u64,
    total: u64,
    ignored: Option<i64>,
}
saved!(Accuracy { right, total, ignored } if |it| it.right <= it.total);
of_classes!(Accuracy);

impl Accuracy {
    /// Of nothing yet.
    pub const fn new() -> Self {
        Self { right: 0, total: 0, ignored: None }
    }

    /// Adds samples that were judged elsewhere: `right` of `total` are right.
    ///
    /// # Panics
    /// If more are right than there are.
    #[track_caller]
    pub fn count(&mut self, right: u64, total: u64) {
        assert!(right <= total, "{right} of {total} samples cannot be right");
        self.right += right;
        self.total += total;
    }

    /// The share of right ones, in 0..=1; NaN of no samples.
    pub fn value(&self) -> f64 {
        self.right as f64 / self.total as f64
    }

    /// How many are right.
    pub const fn right(&self) -> u64 {
        self.right
    }

    /// How many samples there were.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Adds what another one has seen.
    pub const fn merge(&mut self, other: &Self) {
        self.right += other.right;
        self.total += other.total;
    }

    /// Forgets all samples.
    pub const fn reset(&mut self) {
        (self.right, self.total) = (0, 0);
    }

    fn add(&mut self, scores: &Array, labels: &Array, mask: Option<&Array>) -> Result<()> {
        let labels = labels_of("accuracy", scores.shape(), labels, self.ignored, mask)?;
        self.count(right(scores, &labels), labels.iter().flatten().count() as u64);
        Ok(())
    }

    fn named_values(&self) -> Vec<(String, f64)> {
        vec![("accuracy".into(), self.value())]
    }
}

/// The share of samples whose label is among the `k` largest scores, of equal ones the first: with `k = 1` it is the
/// [`Accuracy`]. scikit-learn's `top_k_accuracy_score`, which has the last of equal ones first.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::metrics::TopK;
///
/// let mut top2 = TopK::new(2);
/// top2.update(&Tensor::from([[0.1, 0.6, 0.3], [0.5, 0.4, 0.1]]), &Tensor::from([2, 2]));
/// assert_eq!(top2.value(), 0.5);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "top_k_accuracy_score")]
#[doc(alias = "top5")]
pub struct TopK {
    k: usize,
    right: u64,
    total: u64,
    ignored: Option<i64>,
}
saved!(TopK { k, right, total, ignored } if |it| it.k > 0 && it.right <= it.total);
of_classes!(TopK);

impl TopK {
    /// Of nothing yet. If there are no more than `k` classes, all samples are right.
    ///
    /// # Panics
    /// If `k` is 0.
    #[track_caller]
    pub const fn new(k: usize) -> Self {
        assert!(k > 0, "the 0 largest scores hold no label");
        Self { k, right: 0, total: 0, ignored: None }
    }

    /// The share of right ones, in 0..=1; NaN of no samples.
    pub fn value(&self) -> f64 {
        self.right as f64 / self.total as f64
    }

    /// Adds what another one has seen.
    ///
    /// # Panics
    /// If that looks at another number of scores.
    #[track_caller]
    pub fn merge(&mut self, other: &Self) {
        assert!(self.k == other.k, "the top {} and the top {} are different metrics", self.k, other.k);
        self.right += other.right;
        self.total += other.total;
    }

    /// Forgets all samples.
    pub const fn reset(&mut self) {
        (self.right, self.total) = (0, 0);
    }

    fn add(&mut self, scores: &Array, labels: &Array, mask: Option<&Array>) -> Result<()> {
        let labels = labels_of("top k", scores.shape(), labels, self.ignored, mask)?;
        let rows = rows(scores);
        for (row, label) in rows.chunks_exact(scores.shape().get(1).max(1)).zip(&labels) {
            if let &Some(label) = label {
                let before = |(class, score): &(usize, &f64)| match order(**score, row[label]) {
                    Ordering::Greater => true,
                    Ordering::Equal => *class < label,
                    Ordering::Less => false,
                };
                self.right += u64::from(row.iter().enumerate().filter(before).take(self.k).count() < self.k);
                self.total += 1;
            }
        }
        Ok(())
    }

    fn named_values(&self) -> Vec<(String, f64)> {
        vec![(format!("top_{}", self.k), self.value())]
    }
}

/// The order of scores, in which NaN is the largest.
fn order(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};

    const NAN: f32 = f32::NAN;

    fn scores() -> Tensor<(Dyn, Num<3>)> {
        let rows = [[0.1, 0.7, 0.2], [0.5, 0.5, 0.5], [NAN, 0.0, NAN], [-1.0, f32::NEG_INFINITY, 2.0]];
        Tensor::from(rows).to_dynamic()
    }

    #[test]
    fn the_first_of_equal_scores_and_nan_are_the_largest() {
        for (labels, right) in [([1, 0, 0, 2], 1.0), ([2, 1, 2, 1], 0.0), ([1, 1, 0, 2], 0.75)] {
            let labels = Tensor::from(labels);
            let (mut accuracy, mut top) = (Accuracy::new(), TopK::new(1));
            accuracy.update(&scores(), &labels);
            top.update(&scores(), &labels);
            assert_eq!((accuracy.value(), top.value()), (right, right));
            assert_eq!(accuracy.value(), scores().accuracy(&labels.to_dynamic::<(Dyn,)>()));
        }
        let mut top = TopK::new(2);
        top.update(&scores(), &Tensor::from([2, 2, 2, 1]));
        assert_eq!(top.value(), 0.5);
        let mut all = TopK::new(3);
        all.update(&scores(), &Tensor::from([2, 2, 2, 1]));
        assert_eq!(all.value(), 1.0);
    }

    #[test]
    fn masks_and_ignored_labels() {
        let mut accuracy = Accuracy::new().ignore_index(9);
        accuracy.update_where(&scores(), &Tensor::from([1, -5, 9, 0]), &Tensor::from([true, false, true, true]));
        assert_eq!((accuracy.right(), accuracy.total()), (1, 2));
        let error = accuracy.try_update(&scores(), &Tensor::from([1, 1, 9, 3])).unwrap_err();
        assert_eq!(error.to_string(), "accuracy: label 3 of sample 3 is none of the 3 classes, counted from 0");
        assert_eq!(accuracy.total(), 2);
    }

    #[test]
    fn pixels_have_classes_too() {
        let scores = Tensor::<(Num<2>, Num<2>, Num<3>)>::from([
            [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]],
            [[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]],
        ]);
        let labels = Tensor::from([[0, 1, 1], [1, 1, 0]]);
        let (mut accuracy, mut top) = (Accuracy::new(), TopK::new(1));
        accuracy.update(&scores, &labels);
        top.update(&scores, &labels);
        assert_eq!((accuracy.right(), accuracy.total(), top.value()), (5, 6, 5.0 / 6.0));
        let other = labels.to_dynamic::<(Dyn, Dyn)>().transpose(crate::dim::Axis::<0>, crate::dim::Axis::<1>);
        let error = accuracy.try_update(&scores, &other).unwrap_err().to_string();
        assert_eq!(error, "accuracy: scores [2, 2, 3] need labels [2, 3], not [3, 2]");
    }

    #[test]
    fn of_nothing() {
        let (mut accuracy, mut top) = (Accuracy::new(), TopK::new(5));
        let none = Tensor::<(Dyn, Num<3>)>::zeros_sized(&[0, 3]).unwrap();
        let labels = Tensor::<(Dyn,), i64>::zeros_sized(&[0]).unwrap();
        accuracy.update(&none, &labels);
        top.update(&none, &labels);
        assert!(accuracy.value().is_nan() && top.value().is_nan());
        // No classes, and no sample that counts.
        let none = Tensor::<(Dyn, Dyn)>::zeros_sized(&[2, 0]).unwrap();
        accuracy = accuracy.ignore_index(0);
        accuracy.update(&none, &Tensor::from([0, 0]));
        assert_eq!(accuracy.total(), 0);
    }

    #[test]
    fn saved_it_goes_on() {
        let mut top = TopK::new(2).ignore_index(-1);
        top.update(&scores(), &Tensor::from([0, 1, 2, -1]));
        let again: TopK = serde_json::from_value(serde_json::to_value(&top).unwrap()).unwrap();
        assert_eq!(again, top);
        let wrong = r#"{"right":2,"total":1,"ignored":null}"#;
        let error = serde_json::from_str::<Accuracy>(wrong).unwrap_err().to_string();
        assert_eq!(error, "the parts of a saved Accuracy do not fit each other");
    }

    #[test]
    #[should_panic(expected = "top k: label 3 of sample 1 is none of the 3 classes")]
    fn a_label_outside_is_refused() {
        TopK::new(2).update(&scores(), &Tensor::from([0, 3, 0, 0]));
    }
}
