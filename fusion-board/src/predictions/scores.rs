//! Scores as the library's metrics take them.

use fusion::log::Predictions;
use fusion::prelude::*;
use fusion::train::metrics::{ClassScores, ConfusionMatrix};

/// Scores `[samples, classes]` as a tensor.
pub fn scores(of: &Predictions) -> fusion::Result<Tensor<shape![Dyn, Dyn]>> {
    Tensor::from_vec_sized(of.scores.clone(), &[of.labels.len(), of.classes.len()])
}

pub fn labels(of: &Predictions) -> Tensor<shape![Dyn], i64> {
    Tensor::from(of.labels.iter().map(|label| i64::from(*label)).collect::<Vec<_>>())
}

/// Which classes are taken for which; nothing of no classes.
pub fn matrix(of: &Predictions) -> fusion::Result<Option<ConfusionMatrix>> {
    if of.classes.is_empty() {
        return Ok(None);
    }
    let mut matrix = ConfusionMatrix::named(of.classes.iter().cloned());
    matrix.try_update(&scores(of)?, &labels(of))?;
    Ok(Some(matrix))
}

/// Are the scores of each sample shares of 1?
pub fn are_shares(of: &Predictions) -> bool {
    let is_one = |row: &[f32]| {
        let sum: f64 = row.iter().map(|score| f64::from(*score)).sum();
        row.iter().all(|score| (0.0..=1.0).contains(score)) && (sum - 1.0).abs() < 1e-3
    };
    of.scores.chunks(of.classes.len().max(1)).all(is_one)
}

/// The scores, to compare samples by: as shares of 1, by softmax where they are none.
pub fn class_scores(of: &Predictions) -> fusion::Result<ClassScores> {
    let mut all = ClassScores::new();
    if !of.classes.is_empty() {
        let scores = scores(of)?;
        let shares = if are_shares(of) { scores } else { scores.softmax(Axis::<1>) };
        all.try_update(&shares, &labels(of))?;
    }
    Ok(all)
}
