//! Which classes are taken for which.

use super::metric::of_classes;
use crate::dim::{SameShape, Scores};
use crate::kernels::Array;
use crate::ops::classes::{classes_of, guesses_of, labels_of};
use crate::ops::or_panic;
use crate::tensor::{Float, Tensor};
use crate::train::saved::saved;
use crate::{Error, Result};
use std::fmt;

/// How often each class is taken for each: accuracy, precision, recall and F1 by class and averaged, and a table.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::metrics::{Average, ConfusionMatrix};
///
/// let mut matrix = ConfusionMatrix::named(["cat", "dog"]);
/// matrix.update(&Tensor::from([[2.0, 1.0], [0.0, 1.0], [0.0, 3.0]]), &Tensor::from([0, 0, 1]));
/// assert_eq!(matrix.count(0, 1), 1); // a cat that is taken for a dog
/// assert_eq!((matrix.class(0).recall, matrix.class(1).precision), (0.5, 0.5));
/// assert_eq!(matrix.average(Average::Macro).recall, 0.75);
/// println!("{matrix}");
/// ```
///
/// prints
///
/// ```text
///            guess
/// label        cat    dog  recall
/// cat            1      1   0.500
/// dog            0      1   1.000
/// precision  1.000  0.500
/// accuracy   0.667 of 3 samples
/// ```
///
/// The definitions are those of scikit-learn's `confusion_matrix` and `precision_recall_fscore_support`. What would be 0 / 0,
/// such as the precision of a class that nothing is taken for, is 0, and a class that is neither a label nor a guess counts in
/// no average. Of no samples averages and accuracy are NaN.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "confusion_matrix")]
#[doc(alias = "precision")]
#[doc(alias = "recall")]
#[doc(alias = "f1")]
pub struct ConfusionMatrix {
    names: Vec<String>,
    /// Row by row, of labels; columns are guesses.
    counts: Vec<u64>,
    ignored: Option<i64>,
}
saved!(ConfusionMatrix { names, counts, ignored }
    if |it| !it.names.is_empty() && Some(it.counts.len()) == it.names.len().checked_mul(it.names.len()));
of_classes!(ConfusionMatrix);

/// How the figures of classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Average {
    /// All decisions count alike: of samples with one class each, this is the accuracy.
    Micro,
    /// All classes count alike.
    Macro,
    /// Each class counts as often as it is a label.
    Weighted,
}

/// The figures of a class, or an average of classes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ClassScore {
    /// Of what is taken for this class, the share that is of it.
    pub precision: f64,
    /// Of what is of this class, the share that is taken for it.
    pub recall: f64,
    /// `2 · precision · recall / (precision + recall)`.
    pub f1: f64,
    /// How many samples are of this class; of an average, how many there are.
    pub support: u64,
}

impl ClassScore {
    fn new(hits: u64, guessed: u64, support: u64) -> Self {
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        Self {
            precision: share(hits, guessed),
            recall: share(hits, support),
            f1: share(2 * hits, guessed + support),
            support,
        }
    }
}

impl ConfusionMatrix {
    /// Of so many classes, called by their numbers.
    ///
    /// # Panics
    /// If there are none.
    #[track_caller]
    pub fn new(classes: usize) -> Self {
        Self::named((0..classes).map(|class| class.to_string()))
    }

    /// Of classes with these names: those of a data set, say ([`Dataset::target_names`](crate::data::Dataset::target_names)).
    ///
    /// # Panics
    /// If there are none.
    #[track_caller]
    pub fn named(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        assert!(!names.is_empty(), "a confusion matrix of no classes");
        Self { counts: vec![0; names.len() * names.len()], names, ignored: None }
    }

    /// Of these counts, row by row: how often each class is taken for each.
    ///
    /// # Errors
    /// [`Error::Argument`] if there are no classes, if the counts are not as many as the square of the classes, or if their sum is
    /// no `u64`.
    ///
    /// ```
    /// use fusion::train::metrics::ConfusionMatrix;
    ///
    /// let matrix = ConfusionMatrix::from_counts(["cat", "dog"], vec![5, 1, 0, 4])?;
    /// assert_eq!((matrix.count(0, 1), matrix.accuracy()), (1, 0.9));
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn from_counts(names: impl IntoIterator<Item = impl Into<String>>, counts: Vec<u64>) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let (classes, found) = (names.len(), counts.len());
        if classes == 0 || classes.checked_mul(classes) != Some(found) {
            return Err(Error::argument(
                "counts",
                format!("{found} counts are no confusion matrix of {classes} classes"),
            ));
        }
        // Twice, as a class has what it is and what it is taken for.
        let sum =
            counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count)).and_then(|sum| sum.checked_mul(2));
        if sum.is_none() {
            return Err(Error::argument("counts", "they are too large to be added up"));
        }
        Ok(Self { names, counts, ignored: None })
    }

    /// Adds a batch of which the classes are known already: what each sample is taken for, and what it is.
    ///
    /// # Panics
    /// If one is none of the classes, or two sizes known at run time differ.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// use fusion::train::metrics::ConfusionMatrix;
    ///
    /// let logits = Tensor::from([0.3, -1.0, 2.0]); // one for each sample, of "yes"
    /// let mut matrix = ConfusionMatrix::named(["no", "yes"]);
    /// matrix.update_classes(&logits.gt(0.0).cast::<i64>(), &Tensor::from([1, 0, 0]));
    /// assert_eq!(matrix.class(1).precision, 0.5);
    /// ```
    #[track_caller]
    pub fn update_classes<S, L>(&mut self, guesses: &Tensor<S, i64>, labels: &Tensor<L, i64>)
    where
        S: SameShape<L>,
    {
        or_panic(self.add_classes(guesses.value().array(), labels.value().array()));
    }

    /// How many samples of the class `label` are taken for the class `guess`.
    ///
    /// # Panics
    /// If one is none of the classes.
    #[track_caller]
    pub fn count(&self, label: usize, guess: usize) -> u64 {
        let classes = self.classes();
        assert!(label < classes && guess < classes, "class {} of {classes}, counted from 0", label.max(guess));
        self.counts[label * classes + guess]
    }

    /// How many classes.
    pub fn classes(&self) -> usize {
        self.names.len()
    }

    /// Their names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many samples there were.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many are taken for what they are.
    fn hits(&self) -> u64 {
        self.counts.iter().step_by(self.classes() + 1).sum()
    }

    /// The share of samples that are taken for what they are; NaN of no samples.
    pub fn accuracy(&self) -> f64 {
        self.hits() as f64 / self.total() as f64
    }

    /// The figures of one class.
    ///
    /// # Panics
    /// If there is no such class.
    #[track_caller]
    pub fn class(&self, class: usize) -> ClassScore {
        let hits = self.count(class, class);
        let classes = self.classes();
        let guessed = self.counts[class..].iter().step_by(classes).sum();
        ClassScore::new(hits, guessed, self.counts[class * classes..][..classes].iter().sum())
    }

    /// One figure of each kind for all classes.
    pub fn average(&self, average: Average) -> ClassScore {
        let (total, classes) = (self.total(), self.classes());
        if total == 0 {
            return ClassScore { precision: f64::NAN, recall: f64::NAN, f1: f64::NAN, support: 0 };
        }
        if average == Average::Micro {
            return ClassScore::new(self.hits(), total, total);
        }
        let is_there = |&class: &usize| {
            (0..classes).any(|other| self.counts[class * classes + other] + self.counts[other * classes + class] > 0)
        };
        let (mut sum, mut weights) = ([0.0; 3], 0.0);
        for score in (0..classes).filter(is_there).map(|class| self.class(class)) {
            let weight = if average == Average::Macro { 1.0 } else { score.support as f64 };
            weights += weight;
            for (sum, figure) in sum.iter_mut().zip([score.precision, score.recall, score.f1]) {
                *sum += weight * figure;
            }
        }
        let [precision, recall, f1] = sum.map(|sum| sum / weights);
        ClassScore { precision, recall, f1, support: total }
    }

    /// The most frequent mistakes: the class, what it is taken for, and how often.
    ///
    /// ```
    /// use fusion::train::metrics::ConfusionMatrix;
    /// use fusion::prelude::*;
    ///
    /// let mut matrix = ConfusionMatrix::new(3);
    /// matrix.update_classes(&Tensor::from([1, 2, 2, 2]), &Tensor::from([0, 0, 0, 2]));
    /// assert_eq!(matrix.mistakes(2), [(0, 2, 2), (0, 1, 1)]);
    /// ```
    pub fn mistakes(&self, most: usize) -> Vec<(usize, usize, u64)> {
        let classes = self.classes();
        let mut all: Vec<_> = self.counts.iter().enumerate().map(|(at, &n)| (at / classes, at % classes, n)).collect();
        all.retain(|&(label, guess, n)| label != guess && n > 0);
        all.sort_by_key(|&(.., n)| std::cmp::Reverse(n));
        all.truncate(most);
        all
    }

    /// Precision, recall, F1 and support of each class, and their averages, as a table: scikit-learn's
    /// `classification_report`.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// use fusion::train::metrics::ConfusionMatrix;
    ///
    /// let mut matrix = ConfusionMatrix::named(["cat", "dog"]);
    /// matrix.update_classes(&Tensor::from([0, 1, 1]), &Tensor::from([0, 0, 1]));
    /// let table = "          precision  recall     f1  support
    /// cat           1.000   0.500  0.667        2
    /// dog           0.500   1.000  0.667        1
    ///
    /// accuracy                     0.667        3
    /// macro         0.750   0.750  0.667        3
    /// weighted      0.833   0.667  0.667        3
    /// ";
    /// assert_eq!(matrix.report(), table);
    /// ```
    #[doc(alias = "classification_report")]
    pub fn report(&self) -> String {
        let width = longest(&self.names).max(8);
        let line = |name: &str, score: ClassScore| {
            let ClassScore { precision, recall, f1, support } = score;
            format!("{name:width$}  {precision:9.3}  {recall:6.3}  {f1:5.3}  {support:7}\n")
        };
        let mut text = format!("{:width$}  precision  recall     f1  support\n", "");
        self.names.iter().enumerate().for_each(|(class, name)| text += &line(name, self.class(class)));
        text += &format!("\n{:width$}  {:17}  {:5.3}  {:7}\n", "accuracy", "", self.accuracy(), self.total());
        text += &line("macro", self.average(Average::Macro));
        text + &line("weighted", self.average(Average::Weighted))
    }

    /// Adds what another one has seen.
    ///
    /// # Panics
    /// If that is of another number of classes.
    #[track_caller]
    pub fn merge(&mut self, other: &Self) {
        let (here, there) = (self.classes(), other.classes());
        assert!(here == there, "confusion matrices of {here} and of {there} classes have no sum");
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, other)| *count += other);
    }

    /// Forgets all samples.
    pub fn reset(&mut self) {
        self.counts.fill(0);
    }

    fn add(&mut self, scores: &Array, labels: &Array, mask: Option<&Array>) -> Result<()> {
        let classes = self.classes();
        let found = scores.shape().get(1);
        if found != classes {
            let shape = scores.shape();
            return Err(Error::shape(format_args!(
                "confusion matrix: it is of {classes} classes, but scores {shape:?} are of {found}"
            )));
        }
        let labels = labels_of("confusion matrix", scores.shape(), labels, self.ignored, mask)?;
        for (guess, label) in guesses_of(scores).into_iter().zip(labels) {
            if let Some(label) = label {
                self.counts[label * classes + guess as usize] += 1;
            }
        }
        Ok(())
    }

    fn add_classes(&mut self, guesses: &Array, labels: &Array) -> Result<()> {
        let (name, classes) = ("confusion matrix", self.classes());
        let (found, want) = (guesses.shape(), labels.shape());
        if found != want {
            return Err(Error::shape(format_args!(
                "{name}: guesses {found:?} need labels of the same shape, not {want:?}"
            )));
        }
        let guesses = classes_of(name, "guess", guesses, classes, None, None)?;
        let labels = classes_of(name, "label", labels, classes, self.ignored, None)?;
        for (guess, label) in guesses.into_iter().zip(labels) {
            if let (Some(guess), Some(label)) = (guess, label) {
                self.counts[label * classes + guess] += 1;
            }
        }
        Ok(())
    }

    fn named_values(&self) -> Vec<(String, f64)> {
        let ClassScore { precision, recall, f1, .. } = self.average(Average::Macro);
        let all = [("accuracy", self.accuracy()), ("precision", precision), ("recall", recall), ("f1", f1)];
        all.map(|(name, value)| (name.to_owned(), value)).into()
    }
}

/// The length of the longest name, in characters.
fn longest<'a>(names: impl IntoIterator<Item = &'a String>) -> usize {
    names.into_iter().map(|name| name.chars().count()).max().unwrap_or(0)
}

/// More classes than this make no table.
const WIDEST: usize = 20;

/// The table, labels down and guesses across; of more than twenty classes the ten most frequent mistakes.
impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (classes, total, accuracy) = (self.classes(), self.total(), self.accuracy());
        if classes > WIDEST {
            write!(f, "{classes} classes, accuracy {accuracy:.3} of {total} samples")?;
            return self.mistakes(10).into_iter().try_for_each(|(label, guess, n)| {
                write!(f, "\n{n:8} times {} is taken for {}", self.names[label], self.names[guess])
            });
        }
        let short = |name: &str| match name.char_indices().nth(12) {
            Some((end, _)) => format!("{}…", &name[..end]),
            None => name.to_owned(),
        };
        let heads: Vec<String> = self.names.iter().map(|name| short(name)).collect();
        let largest = self.counts.iter().max().map_or(1, |n| n.to_string().len());
        let first = longest(&self.names).max("precision".len());
        let widths: Vec<usize> = heads.iter().map(|head| head.chars().count().max(largest).max(5)).collect();
        writeln!(f, "{:first$}  guess", "")?;
        write!(f, "{:first$}", "label")?;
        heads.iter().zip(&widths).try_for_each(|(head, width)| write!(f, "  {head:>width$}"))?;
        writeln!(f, "  recall")?;
        for (class, name) in self.names.iter().enumerate() {
            write!(f, "{name:first$}")?;
            let row = &self.counts[class * classes..][..classes];
            row.iter().zip(&widths).try_for_each(|(count, width)| write!(f, "  {count:width$}"))?;
            writeln!(f, "  {:6.3}", self.class(class).recall)?;
        }
        write!(f, "{:first$}", "precision")?;
        let precision = |(class, width): (usize, &usize)| write!(f, "  {:width$.3}", self.class(class).precision);
        widths.iter().enumerate().try_for_each(precision)?;
        write!(f, "\n{:first$}  {accuracy:.3} of {total} samples", "accuracy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};

    fn matrix(guesses: &[i64], labels: &[i64]) -> ConfusionMatrix {
        let mut matrix = ConfusionMatrix::new(4);
        matrix.update_classes(&Tensor::<(Dyn,), i64>::from(guesses.to_vec()), &Tensor::from(labels.to_vec()));
        matrix
    }

    #[test]
    fn scores_and_classes_count_alike() {
        let scores =
            Tensor::<(Num<3>, Num<4>)>::from([[0.0, 1.0, 0.0, 1.0], [3.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]);
        let labels = Tensor::from([3, 0, 1]);
        let mut of_scores = ConfusionMatrix::new(4);
        of_scores.update(&scores, &labels);
        assert_eq!(of_scores, matrix(&[1, 0, 3], &[3, 0, 1]));
        assert_eq!(of_scores.accuracy(), 1.0 / 3.0);
        let mut masked = ConfusionMatrix::new(4);
        masked.update_where(&scores, &labels, &Tensor::from([false, true, false]));
        assert_eq!((masked.total(), masked.count(0, 0)), (1, 1));
        let mut ignored = ConfusionMatrix::new(4).ignore_index(3);
        ignored.update(&scores, &labels);
        ignored.update_classes(&Tensor::from([1, 2]), &Tensor::from([3, 2]));
        assert_eq!((ignored.total(), ignored.count(2, 2)), (3, 1));
    }

    #[test]
    fn a_class_that_never_comes_is_in_no_average() {
        let matrix = matrix(&[0, 0, 1, 2], &[0, 1, 1, 1]);
        assert_eq!(matrix.class(3), ClassScore { precision: 0.0, recall: 0.0, f1: 0.0, support: 0 });
        assert_eq!(matrix.class(2).precision, 0.0);
        let average = matrix.average(Average::Macro);
        assert_eq!((average.precision, average.support), ((0.5 + 1.0 + 0.0) / 3.0, 4));
    }

    #[test]
    fn of_nothing() {
        let matrix = ConfusionMatrix::new(2);
        assert!(matrix.accuracy().is_nan());
        for average in [Average::Micro, Average::Macro, Average::Weighted] {
            assert!(matrix.average(average).f1.is_nan());
        }
        assert!(matrix.to_string().ends_with("accuracy   NaN of 0 samples"));
    }

    #[test]
    fn parts_are_merged_and_saved() {
        let (mut one, other) = (matrix(&[0, 1], &[1, 1]), matrix(&[3], &[2]));
        one.merge(&other);
        assert_eq!(one, matrix(&[0, 1, 3], &[1, 1, 2]));
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<ConfusionMatrix>(&text).unwrap(), one);
        let short = text.replacen("0,", "", 1);
        assert!(serde_json::from_str::<ConfusionMatrix>(&short).is_err());
    }

    #[test]
    fn long_names_and_many_classes() {
        let mut matrix = ConfusionMatrix::named(["a", "a name that is far too long", "ß"]);
        matrix.update_classes(&Tensor::from([0, 1, 2]), &Tensor::from([0, 1, 1]));
        let table = "                             guess
label                            a  a name that …      ß  recall
a                                1              0      0   1.000
a name that is far too long      0              1      1   0.500
ß                                0              0      0   0.000
precision                    1.000          1.000  0.000
accuracy                     0.667 of 3 samples";
        assert_eq!(matrix.to_string(), table);
        let mut many = ConfusionMatrix::new(100);
        many.update_classes(&Tensor::from([7, 7, 9]), &Tensor::from([8, 8, 9]));
        let text = "100 classes, accuracy 0.333 of 3 samples\n       2 times 8 is taken for 7";
        assert_eq!(many.to_string(), text);
    }

    #[test]
    #[should_panic(expected = "confusion matrix: guess 4 of sample 1 is none of the 4 classes, counted from 0")]
    fn a_guess_outside_is_refused() {
        matrix(&[0, 4], &[0, 0]);
    }

    #[test]
    #[should_panic(expected = "confusion matrix: it is of 2 classes, but scores [3, 4] are of 4")]
    fn other_scores_are_refused() {
        ConfusionMatrix::new(2).update(&Tensor::<(Num<3>, Num<4>)>::zeros(), &Tensor::from([0, 0, 0]));
    }

    #[test]
    #[should_panic(expected = "confusion matrices of 4 and of 5 classes have no sum")]
    fn other_matrices_are_refused() {
        matrix(&[], &[]).merge(&ConfusionMatrix::new(5));
    }
}
