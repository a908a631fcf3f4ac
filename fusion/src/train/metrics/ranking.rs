//! How well a score tells one class from another, whatever the threshold.

use super::metric::floats;
use crate::dim::SameShape;
use crate::kernels::{Array, Element};
use crate::ops::or_panic;
use crate::tensor::{Float, Tensor};
use crate::train::saved::saved;
use crate::{Error, Result};

/// One score for each sample, and whether it is of the class that high scores stand for: ROC-AUC and average precision, and
/// their curves. scikit-learn's `roc_auc_score`, `average_precision_score`, `roc_curve`, `precision_recall_curve`.
///
/// Scores may be probabilities, logits or anything else: only their order counts. All are kept until the values are asked for,
/// which takes `n log n`. Equal scores have one place, so that no order of the samples changes a value.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::metrics::BinaryScores;
///
/// let mut scores = BinaryScores::new();
/// scores.update(&Tensor::from([0.1, 0.4, 0.35]), &Tensor::from([false, false, true]));
/// scores.update(&Tensor::from([0.8]), &Tensor::from([true]));
/// assert_eq!(scores.roc_auc(), 0.75);
/// assert!((scores.average_precision() - 5.0 / 6.0).abs() < 1e-15);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[doc(alias = "roc_auc_score")]
#[doc(alias = "average_precision_score")]
#[doc(alias = "auc")]
pub struct BinaryScores {
    scores: Vec<f64>,
    positive: Vec<bool>,
    ignored: Option<i64>,
}
saved!(BinaryScores { scores, positive, ignored } if |it| it.scores.len() == it.positive.len());

impl BinaryScores {
    /// Of nothing yet.
    pub const fn new() -> Self {
        Self { scores: Vec::new(), positive: Vec::new(), ignored: None }
    }

    /// Leaves out samples with this label.
    #[must_use]
    pub const fn ignore_index(mut self, label: i64) -> Self {
        self.ignored = Some(label);
        self
    }

    /// Adds a batch: a score for each sample, and a label of the same shape that is 0 or 1, of any element type.
    ///
    /// # Panics
    /// If a label is neither, or two sizes known at run time differ.
    #[track_caller]
    pub fn update<S, L, T: Float, E: Element>(&mut self, scores: &Tensor<S, T>, labels: &Tensor<L, E>)
    where
        S: SameShape<L>,
    {
        or_panic(self.try_update(scores, labels));
    }

    /// As [`update`](BinaryScores::update), or an error, and then the batch counts for nothing.
    ///
    /// # Errors
    /// [`Error::Argument`] if a label is neither 0 nor 1, [`Error::Shape`] if two sizes known at run time differ.
    pub fn try_update<S, L, T: Float, E: Element>(&mut self, scores: &Tensor<S, T>, labels: &Tensor<L, E>) -> Result<()>
    where
        S: SameShape<L>,
    {
        self.add(scores.value().array(), labels.value().array(), None)
    }

    /// Adds those samples of a batch for which the mask is true.
    ///
    /// # Panics
    /// As [`update`](BinaryScores::update); the labels of the others may be anything.
    #[track_caller]
    pub fn update_where<S, L, M, T: Float, E: Element>(
        &mut self,
        scores: &Tensor<S, T>,
        labels: &Tensor<L, E>,
        mask: &Tensor<M, bool>,
    ) where
        S: SameShape<L>,
        L: SameShape<M>,
    {
        or_panic(self.add(scores.value().array(), labels.value().array(), Some(mask.value().array())));
    }

    fn add(&mut self, scores: &Array, labels: &Array, mask: Option<&Array>) -> Result<()> {
        let name = "binary scores";
        for (what, shape) in [("labels", Some(labels.shape())), ("a mask", mask.map(Array::shape))] {
            if let Some(shape) = shape.filter(|shape| *shape != scores.shape()) {
                let want = scores.shape();
                return Err(Error::shape(format_args!(
                    "{name}: scores {want:?} need {what} of the same shape, not {shape:?}"
                )));
            }
        }
        let mask = mask.map(Array::to_vec::<bool>);
        let before = self.scores.len();
        for (at, (score, label)) in floats(scores).into_iter().zip(floats(labels)).enumerate() {
            let counts = mask.as_ref().is_none_or(|mask| mask[at]) && self.ignored.is_none_or(|i| label != i as f64);
            if counts {
                if label != 0.0 && label != 1.0 {
                    self.scores.truncate(before);
                    self.positive.truncate(before);
                    return Err(Error::argument(
                        "labels",
                        format!("{name}: label {label} of sample {at} is neither 0 nor 1"),
                    ));
                }
                self.push(score, label == 1.0);
            }
        }
        Ok(())
    }

    /// Adds one sample.
    pub(super) fn push(&mut self, score: f64, positive: bool) {
        self.scores.push(score);
        self.positive.push(positive);
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    /// The score and the numbers of samples at it and above, negative and positive, from the highest score down. Nothing if a
    /// score is NaN, which has no place.
    fn steps(&self) -> Option<Vec<(f64, u64, u64)>> {
        let mut order: Vec<(f64, bool)> = self.scores.iter().copied().zip(self.positive.iter().copied()).collect();
        if order.iter().any(|(score, _)| score.is_nan()) {
            return None;
        }
        order.sort_unstable_by(|(a, _), (b, _)| b.total_cmp(a));
        let mut steps = Vec::<(f64, u64, u64)>::new();
        let (mut negative, mut positive) = (0, 0);
        for (score, is) in order {
            *if is { &mut positive } else { &mut negative } += 1;
            match steps.last_mut() {
                // 0 and -0 are one score.
                Some(last) if last.0 == score => *last = (score, negative, positive),
                _ => steps.push((score, negative, positive)),
            }
        }
        Some(steps)
    }

    /// The area under the ROC curve: how likely a sample of the class has a higher score than one of the other, where equal
    /// scores count half. NaN if there is only one class, or if a score is NaN.
    #[doc(alias = "roc_auc_score")]
    pub fn roc_auc(&self) -> f64 {
        let Some(steps) = self.steps() else { return f64::NAN };
        let Some(&(_, negative, positive)) = steps.last() else { return f64::NAN };
        // Pairs in the right order count twice, in one place once: whole numbers.
        let (mut pairs, mut below) = (0, (0, 0));
        for (_, n, p) in steps {
            pairs += u128::from(n - below.0) * u128::from(p + below.1);
            below = (n, p);
        }
        pairs as f64 / (2.0 * negative as f64 * positive as f64)
    }

    /// The mean of the precisions at the scores of the class's samples: `Σ (Rᵢ - Rᵢ₋₁) Pᵢ` over the thresholds from high to
    /// low, of the precision P and the recall R. 0 if the class has no samples, NaN if there are none at all or if a score is
    /// NaN.
    #[doc(alias = "average_precision_score")]
    #[doc(alias = "auprc")]
    pub fn average_precision(&self) -> f64 {
        let Some(steps) = self.steps() else { return f64::NAN };
        let Some(&(.., positive)) = steps.last() else { return f64::NAN };
        if positive == 0 {
            return 0.0;
        }
        let (mut sum, mut before) = (0.0, 0);
        for (_, n, p) in steps {
            sum += (p - before) as f64 / positive as f64 * (p as f64 / (n + p) as f64);
            before = p;
        }
        sum
    }

    /// The ROC curve, from the highest threshold down: for each the share of the other class that is at it or above (false
    /// positive rate), that of this class (true positive rate), and the threshold. It begins at `(0, 0, inf)`.
    ///
    /// scikit-learn's `roc_curve` with `drop_intermediate=False`. Empty if a score is NaN; the rates of a class without samples
    /// are NaN.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// use fusion::train::metrics::BinaryScores;
    ///
    /// let mut scores = BinaryScores::new();
    /// scores.update(&Tensor::from([0.2, 0.6, 0.9]), &Tensor::from([false, true, false]));
    /// assert_eq!(scores.roc_curve()[1..], [(0.5, 0.0, 0.9), (0.5, 1.0, 0.6), (1.0, 1.0, 0.2)]);
    /// ```
    pub fn roc_curve(&self) -> Vec<(f64, f64, f64)> {
        let Some(steps) = self.steps() else { return Vec::new() };
        let Some(&(_, negative, positive)) = steps.last() else { return Vec::new() };
        let rates = |(score, n, p): (f64, u64, u64)| (n as f64 / negative as f64, p as f64 / positive as f64, score);
        std::iter::once((f64::INFINITY, 0, 0)).chain(steps).map(rates).collect()
    }

    /// The precision-recall curve, from the lowest threshold up: for each the precision and the recall of taking all samples
    /// at it or above for the class, and the threshold. It ends at `(1, 0, inf)`.
    ///
    /// scikit-learn's `precision_recall_curve`. Empty if a score is NaN; the recall of a class without samples is 1.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// use fusion::train::metrics::BinaryScores;
    ///
    /// let mut scores = BinaryScores::new();
    /// scores.update(&Tensor::from([0.2, 0.6, 0.9]), &Tensor::from([false, true, true]));
    /// let best = scores.precision_recall_curve().into_iter().max_by(|a, b| (a.0 * a.1).total_cmp(&(b.0 * b.1)));
    /// assert_eq!(best, Some((1.0, 1.0, 0.6)));
    /// ```
    pub fn precision_recall_curve(&self) -> Vec<(f64, f64, f64)> {
        let Some(steps) = self.steps() else { return Vec::new() };
        let positive = steps.last().map_or(0, |step| step.2);
        let recall = |p: u64| if positive == 0 { 1.0 } else { p as f64 / positive as f64 };
        let point = |(score, n, p): (f64, u64, u64)| (p as f64 / (n + p) as f64, recall(p), score);
        steps.into_iter().rev().map(point).chain([(1.0, 0.0, f64::INFINITY)]).collect()
    }

    /// Adds what another one has seen.
    pub fn merge(&mut self, other: &Self) {
        self.scores.extend_from_slice(&other.scores);
        self.positive.extend_from_slice(&other.positive);
    }

    /// Forgets all samples.
    pub fn reset(&mut self) {
        self.scores.clear();
        self.positive.clear();
    }
}

impl<S, L, T: Float, E: Element> super::Metric<Tensor<S, T>, Tensor<L, E>> for BinaryScores
where
    S: SameShape<L>,
{
    #[track_caller]
    fn update(&mut self, scores: &Tensor<S, T>, labels: &Tensor<L, E>) {
        or_panic(self.try_update(scores, labels));
    }

    fn values(&self) -> Vec<(String, f64)> {
        vec![("roc_auc".into(), self.roc_auc()), ("average_precision".into(), self.average_precision())]
    }

    fn reset(&mut self) {
        Self::reset(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::Dyn;

    fn of(scores: &[f64], labels: &[i64]) -> BinaryScores {
        let mut all = BinaryScores::new().ignore_index(7);
        all.update(&Tensor::<(Dyn,), f64>::from(scores.to_vec()), &Tensor::<(Dyn,), i64>::from(labels.to_vec()));
        all
    }

    #[test]
    fn equal_scores_count_half() {
        assert_eq!(of(&[0.5, 0.5, 0.5], &[0, 1, 0]).roc_auc(), 0.5);
        assert_eq!(of(&[0.0, -0.0, 1.0], &[0, 1, 1]).roc_auc(), 0.75);
        assert_eq!(of(&[f64::INFINITY, f64::NEG_INFINITY], &[1, 0]).roc_auc(), 1.0);
    }

    #[test]
    fn one_class_or_none() {
        assert!(of(&[0.1, 0.2], &[1, 1]).roc_auc().is_nan());
        assert!(of(&[0.1, 0.2], &[0, 0]).roc_auc().is_nan());
        assert_eq!(of(&[0.1, 0.2], &[1, 1]).average_precision(), 1.0);
        assert_eq!(of(&[0.1, 0.2], &[0, 0]).average_precision(), 0.0);
        let none = BinaryScores::new();
        assert!(none.is_empty() && none.roc_auc().is_nan() && none.average_precision().is_nan());
        assert!(none.roc_curve().is_empty());
    }

    #[test]
    fn nan_has_no_place() {
        let all = of(&[0.1, f64::NAN, 0.9], &[0, 1, 1]);
        assert!(all.roc_auc().is_nan() && all.average_precision().is_nan());
        assert!(all.roc_curve().is_empty() && all.precision_recall_curve().is_empty());
        assert_eq!(of(&[0.1, f64::NAN, 0.9], &[0, 7, 1]).roc_auc(), 1.0);
    }

    #[test]
    fn labels_of_any_type_and_masks() {
        let scores = Tensor::from([[0.9f32], [0.2], [0.4]]);
        let mut one = BinaryScores::new();
        one.update(&scores, &Tensor::from([[1.0f32], [0.0], [1.0]]));
        let mut other = BinaryScores::new();
        other.update(&scores, &Tensor::from([[true], [false], [true]]));
        assert_eq!(one, other);
        let mut masked = BinaryScores::new();
        masked.update_where(&scores, &Tensor::from([[1i64], [-3], [0]]), &Tensor::from([[true], [false], [true]]));
        assert_eq!((masked.len(), masked.roc_auc()), (2, 1.0));
        let error = masked.try_update(&scores, &Tensor::from([[1.0], [0.5], [1.0]])).unwrap_err().to_string();
        assert_eq!(error, "binary scores: label 0.5 of sample 1 is neither 0 nor 1");
        assert_eq!(masked.len(), 2);
    }

    #[test]
    fn saved_and_merged_it_goes_on() {
        let (mut one, other) = (of(&[0.1, f64::INFINITY], &[0, 1]), of(&[0.3], &[1]));
        one = serde_json::from_value(serde_json::to_value(&one).unwrap()).unwrap();
        one.merge(&other);
        assert_eq!(one, of(&[0.1, f64::INFINITY, 0.3], &[0, 1, 1]));
    }

    #[test]
    #[should_panic(expected = "binary scores: scores [2] need labels of the same shape, not [3]")]
    fn other_sizes_are_refused() {
        of(&[0.1, 0.2], &[0, 1, 1]);
    }
}
