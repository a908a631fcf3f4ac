//! Tables are read and prepared as by pandas and scikit-learn; `goldens/tables.py` describes the cases.

use crate::golden::{json, number};
use fusion::data::csv::{Csv, Fill, Preprocessor};
use fusion::prelude::*;
use serde_json::Value as Json;
use std::path::Path;

/// How far a feature may be from scikit-learn's, which is an `f64`.
const MOST: f64 = 1e-6;

fn list(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}

fn texts(json: &Json) -> Vec<&str> {
    list(json).iter().map(|text| text.as_str().expect("a text")).collect()
}

#[track_caller]
fn close(found: &[f32], want: &[Json]) {
    assert_eq!(found.len(), want.len());
    for (&found, want) in found.iter().zip(want) {
        let want = number(want);
        assert!((f64::from(found) - want).abs() <= MOST * want.abs().max(1.0), "{found} instead of {want}");
    }
}

fn scaled(csv: Csv, scale: &Json) -> Csv {
    match scale.as_str() {
        Some("standard") => csv.standardize(),
        Some("min_max") => csv.min_max(),
        _ => csv,
    }
}

#[test]
fn tables_as_scikit_learn_prepares_them() {
    for case in list(&json("tables.json")["made"]) {
        let fill = if case["fill"] == "median" { Fill::Median } else { Fill::Mean };
        let csv = scaled(Csv::from_bytes(case["text"].as_str().unwrap()).unwrap().fill(fill), &case["scale"]);
        let data = csv.classification::<Dyn>("kind").unwrap();
        assert_eq!(data.feature_names(), texts(&case["names"]));
        assert_eq!(data.target_names(), texts(&case["classes"]));
        assert_eq!(data.y.to_vec(), list(&case["y"]).iter().map(|y| y.as_i64().unwrap()).collect::<Vec<_>>());
        let rows = list(&case["rows"]);
        for (found, want) in data.x.to_vec().chunks(data.feature_names().len()).zip(rows) {
            close(found, list(want));
        }
        assert_eq!(data.len(), rows.len());
    }
}

/// The files of `FUSION_DATA`, where they are.
#[test]
fn files_as_pandas_reads_them() {
    let Some(folder) = std::env::var_os("FUSION_DATA") else {
        return println!("skipped: FUSION_DATA does not say where the files are");
    };
    for case in list(&json("tables.json")["staged"]) {
        let path = Path::new(&folder).join(case["file"].as_str().unwrap());
        if !path.exists() {
            println!("skipped: {} is not there", path.display());
            continue;
        }
        let csv = Csv::open(&path).unwrap();
        let report = csv.to_string();
        let ranges = report.lines().filter(|line| line.contains("  number  ") && line.contains(" to "));
        for ((line, low), high) in ranges.zip(list(&case["low"])).zip(list(&case["high"])) {
            assert!(line.contains(&format!("{} to {}", number(low), number(high))), "{line}: {low} to {high}");
        }
        let csv = scaled(csv.without(texts(&case["without"])).unwrap(), &case["scale"]);
        let target = case["target"].as_str().unwrap();
        let prepare = match case["classes"].as_object() {
            Some(classes) => {
                let data = csv.classification::<Dyn>(target).unwrap();
                let counts = data.class_counts();
                assert_eq!(counts.len(), classes.len());
                counts.iter().for_each(|(name, count)| assert_eq!(classes[name].as_u64(), Some(*count as u64)));
                Preprocessor::fit_classification(&csv, target).unwrap()
            }
            None => Preprocessor::fit_regression(&csv, [target]).unwrap(),
        };
        assert_eq!(prepare.feature_names(), texts(&case["names"]));
        let x = prepare.features::<Dyn>(&csv).unwrap().to_vec();
        let width = prepare.num_features();
        close(&x[..width], list(&case["first"]));
        close(&x[x.len() - width..], list(&case["last"]));
        let (sum, want) = (x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>(), number(&case["sum"]));
        assert!((sum - want).abs() <= MOST * want, "{}: {sum} instead of {want}", path.display());
    }
}
