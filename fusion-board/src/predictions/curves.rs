//! How well the score of a class tells it from the rest, whatever the threshold.

use super::scores::class_scores;
use crate::runs::Number;
use fusion::log::Predictions;
use serde::Serialize;

/// Points of a curve; where there are more, one is told for each so long a stretch of it.
const POINTS: usize = 300;

/// The curves of a class against the rest.
#[derive(Clone, Debug, Serialize)]
pub struct Curve {
    /// Its number.
    pub class: usize,
    /// Its name.
    pub name: String,
    /// Recall and precision, from the highest threshold down.
    pub precision_recall: Vec<(f64, f64)>,
    /// False and true positive rates, from the highest threshold down.
    pub roc: Vec<(f64, f64)>,
    /// The average precision.
    pub average_precision: Number,
    /// The area under the ROC curve.
    pub roc_auc: Number,
}

/// Those of these classes; of one that has no samples, or all, there is none.
///
/// # Errors
/// If the scores do not go with the labels.
pub fn curves(of: &Predictions, classes: &[usize]) -> fusion::Result<Vec<Curve>> {
    let scores = class_scores(of)?;
    let there = classes.iter().filter(|class| **class < of.classes.len() && !scores.is_empty());
    Ok(there
        .map(|&class| {
            let binary = scores.class(class);
            let finite =
                |points: Vec<(f64, f64)>| points.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
            let precision_recall =
                binary.precision_recall_curve().into_iter().rev().map(|(precision, recall, _)| (recall, precision));
            let roc = binary
                .roc_curve()
                .into_iter()
                .map(|(false_positives, true_positives, _)| (false_positives, true_positives));
            Curve {
                class,
                name: of.classes[class].clone(),
                precision_recall: thin(finite(precision_recall.collect())),
                roc: thin(finite(roc.collect())),
                average_precision: Number(binary.average_precision()),
                roc_auc: Number(binary.roc_auc()),
            }
        })
        .collect())
}

/// Leaves out points that are so near to the one before that nobody sees it.
fn thin(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    if points.len() <= POINTS {
        return points;
    }
    let far = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() + (a.1 - b.1).abs();
    let length: f64 = points.windows(2).map(|pair| far(pair[0], pair[1])).sum();
    let last = points.len() - 1;
    let (mut kept, mut gone) = (vec![points[0]], 0.0);
    for at in 1..=last {
        gone += far(points[at - 1], points[at]);
        if gone >= length / POINTS as f64 || at == last {
            kept.push(points[at]);
            gone = 0.0;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thin_curves_go_the_same_way() {
        let curve: Vec<(f64, f64)> = (0..100_000).map(|at| f64::from(at) / 99_999.0).map(|x| (x, x.sqrt())).collect();
        let thinned = thin(curve.clone());
        assert!(
            thinned.len() <= POINTS + 2 && thinned[0] == curve[0] && thinned.last() == curve.last(),
            "{}",
            thinned.len()
        );
        assert!(thinned.windows(2).all(|pair| pair[1].0 - pair[0].0 + pair[1].1 - pair[0].1 < 0.01));
        assert_eq!(thin(curve[..10].to_vec()), curve[..10]);
    }
}
