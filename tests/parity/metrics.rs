//! Metrics are scikit-learn's; `goldens/metrics.py` describes the cases. Batches are of any size.

use crate::golden::{json, number, numbers, sizes};
use fusion::data::Samples;
use fusion::prelude::*;
use fusion::train::metrics::{
    Accuracy, Average, BinaryScores, ClassScore, ClassScores, ConfusionMatrix, Regression, TopK,
};
use serde_json::Value as Json;

/// How far a figure may be from scikit-learn's, which adds up in another order.
const MOST: f64 = 1e-14;

type Rows = Tensor<shape![Dyn, Dyn]>;
type Labels = Tensor<shape![Dyn], i64>;

#[track_caller]
fn close(what: &str, found: f64, want: &Json) {
    let want = number(want);
    let same = found == want || (found.is_nan() && want.is_nan()) || (found - want).abs() <= MOST * want.abs().max(1.0);
    assert!(same, "{what}: {found} instead of {want}");
}

fn list(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}

/// A table of numbers.
fn table(json: &Json) -> Rows {
    let rows: Vec<Vec<f32>> = list(json).iter().map(numbers).collect();
    Tensor::from_vec_sized(rows.concat(), &[rows.len(), rows[0].len()]).expect("rows of one length")
}

fn labels(json: &Json) -> Labels {
    Tensor::from(sizes(json).into_iter().map(|label| label as i64).collect::<Vec<_>>())
}

/// The batches of `size` samples, of which the last may be smaller.
fn parts<X: Samples + Clone, Y: Samples + Clone>(x: &X, y: &Y, size: usize) -> Vec<(X, Y)> {
    let data = Dataset::new(x.clone(), y.clone()).expect("as many");
    data.batches(size).collect()
}

fn cases(kind: &str) -> Vec<Json> {
    list(&json("metrics.json")[kind]).to_vec()
}

#[test]
fn classes() {
    for case in cases("classes") {
        let (scores, y) = (table(&case["scores"]), labels(&case["labels"]));
        let classes = scores.shape()[1];
        for size in [1, 7, 100] {
            let (mut accuracy, mut matrix) = (Accuracy::new(), ConfusionMatrix::new(classes));
            let mut tops: Vec<TopK> = (1..classes).map(TopK::new).collect();
            for (scores, y) in parts(&scores, &y, size) {
                accuracy.update(&scores, &y);
                matrix.update(&scores, &y);
                tops.iter_mut().for_each(|top| top.update(&scores, &y));
            }
            close("accuracy", accuracy.value(), &case["accuracy"]);
            close("accuracy of the matrix", matrix.accuracy(), &case["accuracy"]);
            for (k, want) in case["top"].as_object().expect("by k") {
                close(&format!("top {k}"), tops[k.parse::<usize>().expect("k") - 1].value(), want);
            }
            for (label, row) in list(&case["matrix"]).iter().enumerate() {
                let found: Vec<usize> = (0..classes).map(|guess| matrix.count(label, guess) as usize).collect();
                assert_eq!(found, sizes(row));
            }
            let hold = |what: &str, found: ClassScore, want: [&Json; 3]| {
                for ((name, found), want) in
                    [("precision", found.precision), ("recall", found.recall), ("f1", found.f1)].into_iter().zip(want)
                {
                    close(&format!("{name}, {what}"), found, want);
                }
            };
            for class in 0..classes {
                let found = matrix.class(class);
                let figure = |i: usize| &case["by_class"][i][class];
                hold(&format!("class {class}"), found, [figure(0), figure(1), figure(2)]);
                assert_eq!(found.support, case["support"][class].as_u64().expect("a count"));
            }
            for (name, average) in AVERAGES {
                let want = &case[name];
                hold(name, matrix.average(average), [&want[0], &want[1], &want[2]]);
            }
        }
    }
}

const AVERAGES: [(&str, Average); 3] =
    [("micro", Average::Micro), ("macro", Average::Macro), ("weighted", Average::Weighted)];

#[test]
fn rankings() {
    for case in cases("rankings") {
        let (scores, y) = (Tensor::<shape![Dyn]>::from(numbers::<f32>(&case["scores"])), labels(&case["labels"]));
        for size in [1, 7, 100] {
            let mut all = BinaryScores::new();
            for (scores, y) in parts(&scores, &y, size) {
                all.update(&scores, &y);
            }
            close("roc auc", all.roc_auc(), &case["roc_auc"]);
            close("average precision", all.average_precision(), &case["average_precision"]);
            let hold = |name: &str, found: Vec<(f64, f64, f64)>| {
                let want = list(&case[name]);
                assert_eq!(found.len(), want.len(), "{name}");
                for (point, want) in found.iter().zip(want) {
                    let point = [point.0, point.1, point.2];
                    point.iter().zip(list(want)).for_each(|(found, want)| close(name, *found, want));
                }
            };
            hold("roc_curve", all.roc_curve());
            hold("precision_recall_curve", all.precision_recall_curve());
        }
    }
}

#[test]
fn one_class_against_the_rest() {
    for case in cases("one_vs_rest") {
        let (scores, y) = (table(&case["scores"]), labels(&case["labels"]));
        for size in [1, 7, 100] {
            let mut all = ClassScores::new();
            for (scores, y) in parts(&scores, &y, size) {
                all.update(&scores, &y);
            }
            let (auc, precision) = (&case["roc_auc"], &case["average_precision"]);
            let hold = |what: &str, found: Vec<f64>, want: &Json| {
                assert_eq!(found.len(), list(want).len());
                found.iter().zip(list(want)).for_each(|(found, want)| close(what, *found, want));
            };
            hold("roc auc by class", all.roc_auc_by_class(), &auc["by_class"]);
            hold("average precision by class", all.average_precision_by_class(), &precision["by_class"]);
            for (name, average) in AVERAGES {
                close(&format!("roc auc, {name}"), all.roc_auc(average), &auc[name]);
                close(&format!("average precision, {name}"), all.average_precision(average), &precision[name]);
            }
        }
    }
}

#[test]
fn regressions() {
    for case in cases("regressions") {
        let (found, want) = (table(&case["found"]), table(&case["want"]));
        for size in [1, 7, 100] {
            let mut errors = Regression::new();
            for (found, want) in parts(&found, &want, size) {
                errors.update(&found, &want);
            }
            for (at, output) in errors.outputs().into_iter().enumerate() {
                let figures = [("mae", output.mae), ("mse", output.mse), ("rmse", output.rmse), ("r2", output.r2)];
                figures.iter().for_each(|(name, figure)| close(name, *figure, &case[name]["outputs"][at]));
            }
            let figures = [("mae", errors.mae()), ("mse", errors.mse()), ("rmse", errors.rmse()), ("r2", errors.r2())];
            figures.iter().for_each(|(name, figure)| close(name, *figure, &case[name]["all"]));
        }
    }
}
