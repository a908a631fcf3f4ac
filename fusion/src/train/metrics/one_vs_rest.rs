//! How well scores of classes tell each class from the rest.

use super::metric::{of_classes, rows};
use super::{Average, BinaryScores};
use crate::dim::{SameShape, Scores};
use crate::kernels::Array;
use crate::ops::classes::labels_of;
use crate::ops::or_panic;
use crate::tensor::{Float, Tensor};
use crate::train::saved::saved;
use crate::{Error, Result};

/// Scores of classes: ROC-AUC and average precision of each class against the rest, and averaged. scikit-learn's
/// `roc_auc_score` with `multi_class="ovr"`.
///
/// Only the order of the samples by the score of a class counts. So scores of one sample should compare with those of
/// another: probabilities, as of [`softmax`](crate::Tensor::softmax), rather than logits. All are kept until the values are
/// asked for.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::metrics::{Average, ClassScores};
///
/// let mut scores = ClassScores::new();
/// let logits = Tensor::<shape![3, 3]>::from([[2.0, 1.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]);
/// scores.update(&logits.softmax(Axis::<1>), &Tensor::from([0, 1, 2]));
/// assert_eq!(scores.roc_auc(Average::Macro), 1.0);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[doc(alias = "roc_auc_score")]
#[doc(alias = "one_vs_rest")]
#[doc(alias = "ovr")]
pub struct ClassScores {
    classes: usize,
    /// Those of a sample side by side.
    scores: Vec<f64>,
    labels: Vec<usize>,
    ignored: Option<i64>,
}
saved!(ClassScores { classes, scores, labels, ignored }
    if |it| it.labels.len().checked_mul(it.classes) == Some(it.scores.len()) && it.labels.iter().all(|label| *label < it.classes));
of_classes!(ClassScores);

impl ClassScores {
    /// Of nothing yet.
    pub const fn new() -> Self {
        Self { classes: 0, scores: Vec::new(), labels: Vec::new(), ignored: None }
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The scores of one class, and which samples are of it: for its curves, say.
    ///
    /// # Panics
    /// If there is no such class.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// use fusion::train::metrics::ClassScores;
    ///
    /// let mut scores = ClassScores::new();
    /// scores.update(&Tensor::from([[0.8, 0.2], [0.3, 0.7], [0.6, 0.4]]), &Tensor::from([0, 1, 1]));
    /// let curve = scores.class(1).roc_curve();
    /// assert_eq!(curve.last(), Some(&(1.0, 1.0, 0.2)));
    /// ```
    #[track_caller]
    pub fn class(&self, class: usize) -> BinaryScores {
        let classes = self.classes;
        assert!(class < classes, "class {class} of {classes}, counted from 0");
        let mut binary = BinaryScores::new();
        let scores = self.scores.iter().skip(class).step_by(self.classes.max(1));
        scores.zip(&self.labels).for_each(|(score, label)| binary.push(*score, *label == class));
        binary
    }

    /// [`BinaryScores::roc_auc`] of each class against the rest; NaN of a class without samples, or that has all.
    pub fn roc_auc_by_class(&self) -> Vec<f64> {
        (0..self.classes).map(|class| self.class(class).roc_auc()).collect()
    }

    /// [`BinaryScores::average_precision`] of each class against the rest; 0 of a class without samples.
    pub fn average_precision_by_class(&self) -> Vec<f64> {
        (0..self.classes).map(|class| self.class(class).average_precision()).collect()
    }

    /// The average of [`roc_auc_by_class`](ClassScores::roc_auc_by_class). That in which all classes count alike is NaN where
    /// one of them is; weighted, a class without samples counts for nothing.
    pub fn roc_auc(&self, average: Average) -> f64 {
        self.averaged(average, BinaryScores::roc_auc)
    }

    /// The average of [`average_precision_by_class`](ClassScores::average_precision_by_class).
    pub fn average_precision(&self, average: Average) -> f64 {
        self.averaged(average, BinaryScores::average_precision)
    }

    fn averaged(&self, average: Average, of: fn(&BinaryScores) -> f64) -> f64 {
        if average == Average::Micro {
            let mut all = BinaryScores::new();
            (0..self.classes).for_each(|class| all.merge(&self.class(class)));
            return of(&all);
        }
        let (mut sum, mut weights) = (0.0, 0.0);
        for class in 0..self.classes {
            let support = self.labels.iter().filter(|label| **label == class).count();
            let weight = if average == Average::Macro { 1.0 } else { support as f64 };
            if weight > 0.0 {
                sum += weight * of(&self.class(class));
                weights += weight;
            }
        }
        sum / weights
    }

    /// Adds what another one has seen.
    ///
    /// # Panics
    /// If that has scores of another number of classes.
    #[track_caller]
    pub fn merge(&mut self, other: &Self) {
        let (here, there) = (self.classes, other.classes);
        if other.is_empty() {
            return;
        }
        assert!(self.is_empty() || here == there, "scores of {here} and of {there} classes do not go together");
        self.classes = there;
        self.scores.extend_from_slice(&other.scores);
        self.labels.extend_from_slice(&other.labels);
    }

    /// Forgets all samples.
    pub fn reset(&mut self) {
        (self.classes, self.scores, self.labels) = (0, Vec::new(), Vec::new());
    }

    fn add(&mut self, scores: &Array, labels: &Array, mask: Option<&Array>) -> Result<()> {
        let classes = scores.shape().get(1);
        if !self.is_empty() && classes != self.classes {
            let (before, shape) = (self.classes, scores.shape());
            return Err(Error::shape(format_args!(
                "class scores: those before are of {before} classes, but scores {shape:?} are of {classes}"
            )));
        }
        let labels = labels_of("class scores", scores.shape(), labels, self.ignored, mask)?;
        self.classes = classes;
        for (row, label) in rows(scores).chunks_exact(classes.max(1)).zip(labels) {
            if let Some(label) = label {
                self.scores.extend_from_slice(row);
                self.labels.push(label);
            }
        }
        Ok(())
    }

    fn named_values(&self) -> Vec<(String, f64)> {
        let (auc, precision) = (self.roc_auc(Average::Macro), self.average_precision(Average::Macro));
        vec![("roc_auc".into(), auc), ("average_precision".into(), precision)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};

    fn scores() -> Tensor<(Num<4>, Num<3>), f64> {
        Tensor::from([[0.2, 0.5, 0.3], [0.6, 0.2, 0.2], [0.1, 0.6, 0.3], [0.4, 0.3, 0.3]])
    }

    /// scikit-learn's figures.
    #[test]
    fn a_class_without_samples() {
        let mut all = ClassScores::new();
        all.update(&scores(), &Tensor::from([0, 1, 0, 1]));
        assert!(all.roc_auc(Average::Macro).is_nan());
        assert_eq!((all.roc_auc(Average::Weighted), all.roc_auc(Average::Micro)), (0.0, 0.109375));
        assert_eq!(all.average_precision_by_class()[2], 0.0);
        assert!((all.average_precision(Average::Macro) - 0.27777777777777773).abs() < 1e-15);
        assert!((all.average_precision(Average::Micro) - 0.25094696969696967).abs() < 1e-15);
    }

    #[test]
    fn of_nothing_and_merged() {
        let mut all = ClassScores::new().ignore_index(9);
        for average in [Average::Micro, Average::Macro, Average::Weighted] {
            assert!(all.roc_auc(average).is_nan() && all.average_precision(average).is_nan());
        }
        let mut part = ClassScores::new();
        part.update(&scores(), &Tensor::from([0, 1, 2, 1]));
        all.update(&scores(), &Tensor::from([0, 1, 9, 9]));
        let saved = serde_json::to_string(&all).unwrap();
        all = serde_json::from_str(&saved).unwrap();
        all.merge(&part);
        assert_eq!((all.len(), all.roc_auc_by_class().len()), (6, 3));
        assert!(serde_json::from_str::<ClassScores>(&saved.replace("\"classes\":3", "\"classes\":2")).is_err());
    }

    #[test]
    #[should_panic(expected = "class scores: those before are of 3 classes, but scores [2, 2] are of 2")]
    fn other_classes_are_refused() {
        let mut all = ClassScores::new();
        all.update(&scores(), &Tensor::from([0, 1, 0, 1]));
        all.update(&Tensor::<(Dyn, Dyn)>::zeros_sized(&[2, 2]).unwrap(), &Tensor::from([0, 1]));
    }
}
