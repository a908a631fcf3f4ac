//! The confusion matrix, and figures of classes.

use super::scores::{are_shares, class_scores, matrix};
use crate::runs::Number;
use fusion::log::{Confusion, Predictions};
use fusion::train::metrics::{Average, ClassScore, ClassScores, ConfusionMatrix};
use serde::Serialize;
use std::cmp::Reverse;

/// Classes that are told of: of more, those in which the most goes wrong.
const CLASSES: usize = 64;
/// Mistakes that are listed.
const MISTAKES: usize = 12;

/// What a classifier does with the classes.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// How many samples there are.
    pub samples: u64,
    /// How many classes there are.
    pub classes: usize,
    /// The share of samples that are taken for what they are.
    pub accuracy: Number,
    /// Figures of classes, of all or of those in which the most goes wrong.
    pub shown: Vec<Class>,
    /// How often each class that is shown, a row, is taken for each that is shown.
    pub matrix: Vec<Vec<u64>>,
    /// The average over classes.
    pub average: Figures,
    /// The most frequent mistakes: what it is, what it is taken for, how often.
    pub mistakes: Vec<(String, String, u64)>,
    /// Were scores made shares by softmax before samples were compared?
    pub by_softmax: bool,
}

/// Figures of a class.
#[derive(Clone, Debug, Serialize)]
pub struct Class {
    /// Its number.
    pub class: usize,
    /// Its name.
    pub name: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Figures of a class, or of all.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Of what is taken for it, the share that is it.
    pub precision: Number,
    /// Of what is it, the share that is taken for it.
    pub recall: Number,
    /// The harmonic mean of both.
    pub f1: Number,
    /// How many samples are of it.
    pub support: u64,
    /// The average precision, against the rest; none without scores.
    pub average_precision: Option<Number>,
    /// The area under the ROC curve, against the rest; none without scores.
    pub roc_auc: Option<Number>,
}

impl Figures {
    fn of(score: ClassScore) -> Self {
        let ClassScore { precision, recall, f1, support, .. } = score;
        let [precision, recall, f1] = [precision, recall, f1].map(Number);
        Self { precision, recall, f1, support, average_precision: None, roc_auc: None }
    }
}

/// Of what scores say.
///
/// # Errors
/// If the scores do not go with the labels.
pub fn of_predictions(of: &Predictions) -> fusion::Result<Told> {
    let Some(matrix) = matrix(of)? else { return Ok(nothing()) };
    let mut told = told(&matrix);
    let scores = class_scores(of)?;
    if scores.is_empty() {
        return Ok(told);
    }
    for Class { class, figures, .. } in &mut told.shown {
        let binary = scores.class(*class);
        figures.average_precision = Some(Number(binary.average_precision()));
        figures.roc_auc = Some(Number(binary.roc_auc()));
    }
    if told.shown.len() == told.classes {
        let of = |f: fn(&ClassScores, Average) -> f64| Some(Number(f(&scores, Average::Macro)));
        told.average.average_precision = of(ClassScores::average_precision);
        told.average.roc_auc = of(ClassScores::roc_auc);
    }
    told.by_softmax = !are_shares(of);
    Ok(told)
}

/// Of counts.
///
/// # Errors
/// If there are not as many counts as the square of the classes, or more than can be added up.
pub fn of_confusion(of: Confusion) -> fusion::Result<Told> {
    match of.classes.is_empty() {
        true => Ok(nothing()),
        false => Ok(told(&ConfusionMatrix::from_counts(of.classes, of.counts)?)),
    }
}

fn nothing() -> Told {
    Told {
        samples: 0,
        classes: 0,
        accuracy: Number(f64::NAN),
        shown: Vec::new(),
        matrix: Vec::new(),
        average: Figures::of(ConfusionMatrix::new(1).average(Average::Macro)),
        mistakes: Vec::new(),
        by_softmax: false,
    }
}

fn told(matrix: &ConfusionMatrix) -> Told {
    let (classes, names) = (matrix.classes(), matrix.names());
    let mut shown: Vec<usize> = (0..classes).collect();
    if classes > CLASSES {
        let mut wrong = vec![0_u64; classes];
        for (label, guess, count) in matrix.mistakes(usize::MAX) {
            wrong[label] += count;
            wrong[guess] += count;
        }
        shown.sort_by_key(|class| Reverse(wrong[*class]));
        shown.truncate(CLASSES);
        shown.sort_unstable();
    }
    Told {
        samples: matrix.total(),
        classes,
        accuracy: Number(matrix.accuracy()),
        matrix: shown.iter().map(|label| shown.iter().map(|guess| matrix.count(*label, *guess)).collect()).collect(),
        average: Figures::of(matrix.average(Average::Macro)),
        mistakes: matrix
            .mistakes(MISTAKES)
            .into_iter()
            .map(|(label, guess, count)| (names[label].clone(), names[guess].clone(), count))
            .collect(),
        shown: shown
            .into_iter()
            .map(|class| Class { class, name: names[class].clone(), figures: Figures::of(matrix.class(class)) })
            .collect(),
        by_softmax: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_a_file() {
        let mut counts = Confusion::default();
        assert!(of_confusion(counts.clone()).is_ok_and(|told| told.classes == 0 && told.shown.is_empty()));
        (counts.classes, counts.counts) = (vec!["a".into(), "b".into()], vec![3, 1, 0, 4]);
        let told = of_confusion(counts.clone()).expect("counts");
        assert_eq!((told.samples, told.accuracy, told.matrix), (8, Number(0.875), vec![vec![3, 1], vec![0, 4]]));
        assert_eq!((told.mistakes, told.shown[0].figures.recall), (vec![("a".into(), "b".into(), 1)], Number(0.75)));
        counts.counts[0] = u64::MAX;
        let error = of_confusion(counts.clone()).expect_err("too many").to_string();
        assert!(error.contains("too large to be added up"), "{error}");
        counts.counts.pop();
        assert!(of_confusion(counts).is_err());
    }
}
