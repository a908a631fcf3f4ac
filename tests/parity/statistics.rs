//! Figures, histograms, boxes, correlations and principal components of the sets inside the library, held to pandas, NumPy,
//! matplotlib and scikit-learn; `goldens/statistics.py` describes the file.

use crate::golden::{farthest, json, numbers, report};
use fusion::data::{self, Bins, BoxPlot, Column, Correlation, Correlations, Histogram, Pca, Standardizer, columns};
use fusion::prelude::*;
use serde_json::Value as Json;

/// How far a figure may be off, over the larger of 1 and what it should be.
const MOST: f64 = 1e-12;
/// How far a direction may be off: it turns with the rounding of all numbers, the more the nearer two variances are.
const MOST_TURNED: f64 = 1e-10;

fn table(name: &str) -> Vec<Vec<f64>> {
    match name {
        "iris" => columns(&data::iris().x),
        "wine" => columns(&data::wine().x),
        "breast_cancer" => columns(&data::breast_cancer().x),
        "digits" => columns(&data::digits().x),
        "diabetes" => columns(&data::diabetes().x),
        "diabetes_raw" => columns(&data::diabetes_raw().x),
        other => panic!("{other} is new"),
    }
}

type Check = Result<f64, String>;

fn column(what: &str, found: &[f64], want: &Json, checks: &mut Vec<Check>) {
    let figures = Column::new(what, found.to_vec());
    let Column { count, mean, std, min, q25, median, q75, max, .. } = figures;
    let described = [count as f64, mean, std, min, q25, median, q75, max];
    checks.push(farthest(what, &described, &numbers(&want["describe"]), MOST));
    let rules =
        [("bins", Bins::Count(10)), ("auto", Bins::Auto), ("sturges", Bins::Sturges), ("fd", Bins::FreedmanDiaconis)];
    for (rule, bins) in rules {
        let counts: Vec<f64> = Histogram::new(found, bins).counts.iter().map(|&count| count as f64).collect();
        checks.push(farthest(&format!("{what}, {rule}"), &counts, &numbers(&want[rule]), 0.0));
    }
    let plot = BoxPlot::new(found);
    let mut drawn = vec![plot.low, plot.q25, plot.median, plot.q75, plot.high];
    drawn.extend(plot.outliers);
    checks.push(farthest(&format!("{what}, box"), &drawn, &numbers(&want["box"]), MOST));
}

fn directions(what: &str, x: &Tensor<shape![Dyn, Dyn], f64>, want: &Json, checks: &mut Vec<Check>) {
    let pca = Pca::<_, dim!(3), f64>::fit(x).expect("directions");
    let points = pca.transform(x).to_vec();
    let scale = numbers::<f64>(&want["variances"])[0].sqrt();
    let mut check = |part: &str, found: Vec<f64>| {
        let (mut found, mut wanted) = (found, numbers::<f64>(&want[part]));
        if part == "points" {
            // A place is a number of the whole cloud's size.
            found.iter_mut().chain(&mut wanted).for_each(|x| *x /= scale);
        }
        checks.push(farthest(&format!("{what}, {part}"), &found, &wanted, MOST_TURNED));
    };
    check("mean", pca.mean.to_vec());
    check("components", pca.components.to_vec());
    check("variances", pca.variances.to_vec());
    check("shares", pca.shares.to_vec());
    check("points", points[..15].to_vec());
}

#[test]
fn sets_as_the_python_libraries_see_them() {
    let mut checks = Vec::new();
    for set in json("statistics.json")["sets"].as_array().expect("sets") {
        let name = set["name"].as_str().expect("a name");
        let table = table(name);
        let described = set["columns"].as_array().expect("columns");
        assert_eq!(table.len(), described.len());
        for (i, (found, want)) in table.iter().zip(described).enumerate() {
            column(&format!("{name}, column {i}"), found, want, &mut checks);
        }
        for (part, how) in [("pearson", Correlation::Pearson), ("spearman", Correlation::Spearman)] {
            let correlations = Correlations::new(&table, how);
            let lower: Vec<f64> = (0..table.len())
                .flat_map(|i| (0..=i).map(move |j| (i, j)))
                .map(|(i, j)| correlations.get(i, j))
                .collect();
            checks.push(farthest(&format!("{name}, {part}"), &lower, &numbers(&set[part]), MOST));
        }
        let rows: Vec<f64> = (0..table[0].len()).flat_map(|row| table.iter().map(move |column| column[row])).collect();
        let x = Tensor::from_vec_sized(rows, &[table[0].len(), table.len()]).expect("a table");
        directions(&format!("{name}, directions"), &x, &set["pca"], &mut checks);
        let scaled = Standardizer::fit(&x).transform(&x);
        directions(&format!("{name}, scaled directions"), &scaled, &set["scaled"], &mut checks);
    }
    let off = checks.iter().flatten().copied().fold(0.0, f64::max);
    println!("off by {off:e} at most");
    let count = checks.len();
    let wrong: Vec<String> = checks.into_iter().filter_map(Result::err).collect();
    report("statistics", count, &wrong);
}
