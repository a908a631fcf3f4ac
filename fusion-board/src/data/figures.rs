//! What a data set looks like in figures.

use super::set::{Column, Groups, Set, Values, clipped, sample};
use crate::request::Problem;
use fusion::data::{Bins, BoxPlot, Column as Described, Correlation, Correlations, Histogram};
use serde::Serialize;
use std::collections::HashSet;

/// The most bins of a histogram.
const BINS: usize = 60;
/// The most texts of a column that are counted one by one.
const WORDS: usize = 20;
/// The most outliers of a box that are drawn.
const OUTLIERS: usize = 200;
/// The most columns that are correlated, and the rows of which that is done.
const CORRELATED: usize = 64;
const CORRELATED_ROWS: usize = 20_000;
/// The most points of a scatter plot.
const POINTS: usize = 1000;

/// A set as a whole, with its columns.
#[derive(Serialize)]
pub struct Description {
    about: String,
    rows: usize,
    total: usize,
    notes: Vec<String>,
    columns: Vec<Figures>,
    /// The column by which rows are coloured.
    class: Option<String>,
    classes: Vec<Count>,
    /// How many rows have no class.
    unclassed: usize,
    has_pictures: bool,
}

/// A text and how often it is there.
#[derive(Serialize)]
pub struct Count {
    name: String,
    count: usize,
}

/// The figures of a column; those that it does not have are null.
#[derive(Serialize)]
pub struct Figures {
    name: String,
    kind: &'static str,
    is_target: bool,
    count: usize,
    missing: usize,
    infinite: usize,
    mean: Option<f64>,
    std: Option<f64>,
    min: Option<f64>,
    q25: Option<f64>,
    median: Option<f64>,
    q75: Option<f64>,
    max: Option<f64>,
    /// How many different texts.
    different: Option<usize>,
    /// The most frequent texts.
    top: Vec<Count>,
    /// The share of the variance that is between classes: 1, if the class says the number, 0, if it says nothing of it.
    explained: Option<f64>,
}

/// How the numbers of a column lie, for each class.
#[derive(Serialize)]
pub struct Distribution {
    name: String,
    /// Bins for numbers, counts of texts for others.
    edges: Vec<f64>,
    words: Vec<String>,
    series: Vec<Series>,
    /// How many words are not shown.
    more: usize,
}

#[derive(Serialize)]
pub struct Series {
    name: String,
    /// The colour's number.
    group: Option<usize>,
    counts: Vec<u64>,
}

/// The boxes of a column, one for each class.
#[derive(Serialize)]
pub struct Boxes {
    name: String,
    items: Vec<BoxOf>,
}

#[derive(Serialize)]
pub struct BoxOf {
    name: String,
    group: Option<usize>,
    /// The ends of the whiskers.
    min: f64,
    q25: f64,
    median: f64,
    q75: f64,
    max: f64,
    outliers: Vec<f64>,
    /// How many outliers there are, of which not all may be listed.
    outside: usize,
}

/// The correlation of each column with each.
#[derive(Serialize)]
pub struct Related {
    names: Vec<String>,
    values: Vec<Vec<Option<f64>>>,
    notes: Vec<String>,
}

/// Some columns of some rows.
#[derive(Serialize)]
pub struct Scatter {
    names: Vec<String>,
    /// The numbers of a row.
    points: Vec<Vec<Option<f64>>>,
    of: Vec<Option<u8>>,
    classes: Vec<String>,
    notes: Vec<String>,
}

/// The column by which rows are coloured: the one that is named, none if that is "", the usual one if none is named.
///
/// # Errors
/// If there is no such column.
pub fn class_of<'a>(set: &'a Set, named: Option<&str>) -> Result<Option<&'a Column>, Problem> {
    match named {
        None => Ok(set.usual_class()),
        Some("") => Ok(None),
        Some(name) => {
            let missing = || Problem::missing(format_args!("there is no column `{}`", clipped(name)));
            set.column(name).ok_or_else(missing).map(Some)
        }
    }
}

fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

pub fn describe(set: &Set, class: Option<&Column>) -> Description {
    let groups = class.map(Column::groups);
    let mut counts = vec![0; groups.as_ref().map_or(0, |groups| groups.names.len())];
    let mut unclassed = 0;
    for of in groups.iter().flat_map(|groups| &groups.of) {
        match of {
            Some(group) => counts[usize::from(*group)] += 1,
            None => unclassed += 1,
        }
    }
    let names = groups.iter().flat_map(|groups| groups.names.iter().cloned());
    let is_class = |column: &Column| class.is_some_and(|class| class.name == column.name);
    let figures = |column| figures(column, groups.as_ref().filter(|_| !is_class(column)));
    Description {
        about: set.about.clone(),
        rows: set.rows,
        total: set.total,
        notes: set.notes.clone(),
        columns: set.columns.iter().map(figures).collect(),
        class: class.map(|column| column.name.clone()),
        classes: names.zip(counts).map(|(name, count)| Count { name, count }).collect(),
        unclassed,
        has_pictures: set.pictures.is_some(),
    }
}

fn figures(column: &Column, groups: Option<&Groups>) -> Figures {
    let name = column.name.clone();
    let mut figures = Figures {
        name,
        kind: "text",
        is_target: column.is_target,
        count: 0,
        missing: 0,
        infinite: 0,
        mean: None,
        std: None,
        min: None,
        q25: None,
        median: None,
        q75: None,
        max: None,
        different: None,
        top: Vec::new(),
        explained: None,
    };
    match &column.values {
        Values::Numbers(numbers) => {
            let Described { count, missing, mean, std, min, q25, median, q75, max, .. } =
                Described::new("", numbers.clone());
            (figures.kind, figures.count, figures.missing) = ("number", count, missing);
            figures.infinite = numbers.iter().filter(|x| x.is_infinite()).count();
            (figures.mean, figures.std, figures.min, figures.max) =
                (finite(mean), finite(std), finite(min), finite(max));
            (figures.q25, figures.median, figures.q75) = (finite(q25), finite(median), finite(q75));
            figures.explained = groups.and_then(|groups| explained(numbers, groups));
        }
        Values::Words(words) => {
            let counts = words.counts();
            figures.count = counts.iter().sum();
            figures.missing = words.of.len() - figures.count;
            figures.different = Some(words.names.len());
            figures.top = frequent(&counts, 3)
                .into_iter()
                .map(|at| Count { name: words.names[at].clone(), count: counts[at] })
                .collect();
        }
    }
    figures
}

/// The places of the largest counts, the largest first.
fn frequent(counts: &[usize], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(counts[at]));
    order.truncate(most);
    order
}

/// The share of the variance that is between groups.
fn explained(numbers: &[f64], groups: &Groups) -> Option<f64> {
    let (mut sums, mut counts) = (vec![0.0; groups.names.len()], vec![0.0; groups.names.len()]);
    let grouped = || numbers.iter().zip(&groups.of).filter_map(|(x, of)| Some((finite(*x)?, usize::from((*of)?))));
    for (x, group) in grouped() {
        sums[group] += x;
        counts[group] += 1.0;
    }
    let mean = sums.iter().sum::<f64>() / counts.iter().sum::<f64>();
    let all: f64 = grouped().map(|(x, _)| (x - mean).powi(2)).sum();
    let own = sums.iter().zip(&counts).filter(|(_, count)| **count > 0.0);
    let between: f64 = own.map(|(sum, count)| count * (sum / count - mean).powi(2)).sum();
    finite(between / all).map(|share| share.min(1.0))
}

/// The numbers of each group with its name, or all.
fn by_group(numbers: &[f64], groups: Option<&Groups>) -> Vec<(String, Option<usize>, Vec<f64>)> {
    let Some(groups) = groups else {
        return vec![("all".to_owned(), None, numbers.to_vec())];
    };
    let own = |group: usize| {
        numbers.iter().zip(&groups.of).filter(move |(_, of)| of.map(usize::from) == Some(group)).map(|(x, _)| *x)
    };
    groups.names.iter().enumerate().map(|(group, name)| (name.clone(), Some(group), own(group).collect())).collect()
}

/// How the numbers or texts of a column lie.
pub fn distribution(column: &Column, groups: Option<&Groups>) -> Distribution {
    let name = column.name.clone();
    match &column.values {
        Values::Numbers(numbers) => {
            let whole = bins(numbers);
            let series = |(name, group, own): (String, _, Vec<f64>)| Series {
                name,
                group,
                counts: Histogram::within(&own, whole.low, whole.high, whole.counts.len()).counts,
            };
            let series = by_group(numbers, groups).into_iter().map(series).collect();
            Distribution { name, edges: whole.edges(), words: Vec::new(), series, more: 0 }
        }
        Values::Words(words) => {
            let shown = frequent(&words.counts(), WORDS);
            let place = |at: u32| shown.iter().position(|&other| other == at as usize);
            let names = groups.map_or(vec!["all".to_owned()], |groups| groups.names.clone());
            let mut counts = vec![vec![0; shown.len()]; names.len()];
            for (row, of) in words.of.iter().enumerate() {
                let group = groups.map_or(Some(0), |groups| groups.of[row]);
                if let (Some(place), Some(group)) = (of.and_then(place), group) {
                    counts[usize::from(group)][place] += 1;
                }
            }
            let series = names.into_iter().zip(counts).enumerate();
            let series =
                series.map(|(group, (name, counts))| Series { name, group: groups.map(|_| group), counts }).collect();
            let more = words.names.len() - shown.len();
            Distribution {
                name,
                edges: Vec::new(),
                words: shown.iter().map(|&at| words.names[at].clone()).collect(),
                series,
                more,
            }
        }
    }
}

/// The bins of a column: one for each number, if these are few and whole, else as NumPy would choose them.
fn bins(numbers: &[f64]) -> Histogram {
    let is_whole = numbers.iter().filter(|x| x.is_finite()).all(|x| x.fract() == 0.0);
    let histogram = Histogram::new(numbers, Bins::Auto);
    let range = histogram.high - histogram.low;
    if is_whole && histogram.total() > 0 && range < BINS as f64 {
        // All numbers equal: the edges are not theirs.
        let (low, high) = (histogram.low.ceil(), histogram.high.floor());
        return Histogram::within(numbers, low - 0.5, high + 0.5, (high - low) as usize + 1);
    }
    match histogram.counts.len() > BINS {
        true => Histogram::new(numbers, Bins::Count(BINS)),
        false => histogram,
    }
}

/// The boxes of a column of numbers.
pub fn boxes(name: &str, numbers: &[f64], groups: Option<&Groups>) -> Boxes {
    let item = |(name, group, own): (String, _, Vec<f64>)| {
        let plot = BoxPlot::new(&own);
        let shown = sample(plot.outliers.len(), OUTLIERS);
        (plot.count > 0).then(|| BoxOf {
            name,
            group,
            min: plot.low,
            q25: plot.q25,
            median: plot.median,
            q75: plot.q75,
            max: plot.high,
            outliers: shown.iter().map(|&at| plot.outliers[at]).collect(),
            outside: plot.outliers.len(),
        })
    };
    Boxes { name: name.to_owned(), items: by_group(numbers, groups).into_iter().filter_map(item).collect() }
}

/// The correlations of the columns of numbers.
pub fn related(set: &Set, how: Correlation) -> Related {
    let all = set.numbers().count();
    let rows = sample(set.rows, CORRELATED_ROWS);
    let shown: Vec<(&str, &[f64])> = set.numbers().take(CORRELATED).collect();
    // An infinite number goes together with nothing.
    let number = |x: f64| finite(x).unwrap_or(f64::NAN);
    let columns: Vec<Vec<f64>> =
        shown.iter().map(|(_, all)| rows.iter().map(|&row| number(all[row])).collect()).collect();
    let correlations = Correlations::new(&columns, how);
    let row = |i: usize| (0..shown.len()).map(|j| finite(correlations.get(i, j))).collect();
    let mut notes = Vec::new();
    if all > shown.len() {
        notes.push(format!("Of {all} columns of numbers the first {CORRELATED} are shown."));
    }
    if rows.len() < set.rows {
        notes.push(format!("Of {CORRELATED_ROWS} rows, drawn at random."));
    }
    Related {
        names: shown.iter().map(|(name, _)| (*name).to_owned()).collect(),
        values: (0..shown.len()).map(row).collect(),
        notes,
    }
}

/// Whether these are numbers of rows: whole, and in each row another one.
fn is_numbering(numbers: &[f64]) -> bool {
    let mut seen = HashSet::with_capacity(numbers.len());
    numbers.len() >= 20 && numbers.iter().all(|x| x.fract() == 0.0 && seen.insert(x.to_bits()))
}

/// Some columns of some rows. Without names, four of those of which the class says most.
pub fn scatter(set: &Set, names: &[&str], class: Option<&Column>) -> Result<Scatter, Problem> {
    let groups = class.map(Column::groups);
    let is_class = |name: &str| class.is_some_and(|class| class.name == name);
    let columns: Vec<(&str, &[f64])> = if names.is_empty() {
        let others = set.numbers().filter(|(name, numbers)| !is_class(name) && !is_numbering(numbers));
        let say = |numbers: &[f64]| groups.as_ref().and_then(|groups| explained(numbers, groups)).unwrap_or(0.0);
        let mut told: Vec<_> = others.map(|(name, numbers)| (say(numbers), (name, numbers))).collect();
        told.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        told.truncate(4);
        // In the order of the table.
        let is_told = |name: &str| told.iter().any(|(_, (other, _))| *other == name);
        set.numbers().filter(|(name, _)| is_told(name) && !is_class(name)).collect()
    } else {
        let column = |name: &&str| {
            let found = set.numbers().find(|(other, _)| other == name);
            found.ok_or_else(|| Problem::missing(format_args!("there is no column of numbers `{}`", clipped(name))))
        };
        names.iter().map(column).collect::<Result<_, _>>()?
    };
    let rows = sample(set.rows, POINTS);
    let mut notes = Vec::new();
    if rows.len() < set.rows {
        notes.push(format!("{POINTS} of {} rows, drawn at random.", set.rows));
    }
    Ok(Scatter {
        names: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
        points: rows.iter().map(|&row| columns.iter().map(|(_, numbers)| finite(numbers[row])).collect()).collect(),
        of: rows.iter().map(|&row| groups.as_ref().and_then(|groups| groups.of[row])).collect(),
        classes: groups.map_or(Vec::new(), |groups| groups.names),
        notes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::read::embedded;
    use crate::data::set::Words;
    use serde_json::{Value, json};

    fn value(of: impl Serialize) -> Value {
        serde_json::to_value(of).expect("JSON")
    }

    #[test]
    fn iris_is_described() {
        let set = embedded("iris").expect("a set");
        let found = value(describe(&set, set.usual_class()));
        assert_eq!(
            (&found["rows"], &found["class"], &found["columns"][0]["mean"]),
            (&json!(150), &json!("class"), &json!(5.843333333333335))
        );
        assert_eq!(found["classes"][2], json!({ "name": "virginica", "count": 50 }));
        // scikit-learn's f_classif of the third column, 1180.16, is explained / (1 - explained) * 147 / 2.
        let explained = found["columns"][2]["explained"].as_f64().expect("a share");
        assert!((explained / (1.0 - explained) * 147.0 / 2.0 - 1180.161182252).abs() < 1e-6, "{explained}");
        assert_eq!(found["columns"][4]["top"][0]["count"], 50);
        let alone = value(describe(&set, None));
        assert!(alone["class"].is_null() && alone["columns"][2]["explained"].is_null());
    }

    #[test]
    fn distributions_of_numbers_and_texts() {
        let set = embedded("iris").expect("a set");
        let groups = set.usual_class().expect("classes").groups();
        let found = value(distribution(&set.columns[2], Some(&groups)));
        let edges = found["edges"].as_array().expect("edges");
        assert_eq!((edges[0].as_f64(), edges[edges.len() - 1].as_f64()), (Some(1.0), Some(6.9)));
        let total =
            |series: &Value| series["counts"].as_array().expect("counts").iter().filter_map(Value::as_u64).sum::<u64>();
        assert!(found["series"].as_array().expect("series").iter().all(|series| total(series) == 50));
        assert_eq!(value(distribution(&set.columns[4], None))["series"][0]["counts"], json!([50, 50, 50]));
        assert_eq!(value(distribution(&set.columns[4], Some(&groups)))["series"][1]["counts"], json!([0, 50, 0]));
        let dice = Column::numbers("dice", vec![6.0, 1.0, 6.0, f64::NAN]);
        let found = value(distribution(&dice, None));
        assert_eq!((&found["edges"][0], &found["series"][0]["counts"]), (&json!(0.5), &json!([1, 0, 0, 0, 0, 2])));
        let same = value(distribution(&Column::numbers("same", vec![3.0, 3.0]), None));
        assert_eq!((&same["edges"], &same["series"][0]["counts"]), (&json!([2.5, 3.5]), &json!([2])));
        let none = value(distribution(&Column::numbers("none", vec![f64::NAN]), None));
        assert_eq!(none["series"][0]["counts"], json!([0]));
    }

    #[test]
    fn boxes_by_class() {
        let set = embedded("iris").expect("a set");
        let groups = set.usual_class().expect("classes").groups();
        let numbers = set.columns[1].as_numbers().expect("numbers");
        let found = value(boxes("width", numbers, Some(&groups)));
        assert_eq!(
            (&found["items"][0]["name"], &found["items"][0]["outliers"]),
            (&json!("setosa"), &json!([2.3, 4.4]))
        );
        assert_eq!(value(boxes("none", &[f64::NAN], None))["items"], json!([]));
    }

    #[test]
    fn relations() {
        let set = embedded("digits").expect("a set");
        let found = value(related(&set, Correlation::Pearson));
        assert_eq!((found["names"].as_array().map(Vec::len), &found["values"][0][0]), (Some(64), &Value::Null));
        let set = embedded("iris").expect("a set");
        let found = value(scatter(&set, &[], set.usual_class()).expect("points"));
        assert_eq!(
            (found["names"].as_array().map(Vec::len), found["points"].as_array().map(Vec::len)),
            (Some(4), Some(150))
        );
        assert_eq!((&found["of"][149], &found["classes"][2]), (&json!(2), &json!("virginica")));
        let numbered = Column::numbers("id", (0..150).map(f64::from).collect());
        let waves = ["a", "b"].map(|name| Column::numbers(name, (0..150).map(|i| f64::from(i).sin()).collect()));
        let found = scatter(&Set::table(String::new(), 150, [numbered].into_iter().chain(waves).collect()), &[], None);
        assert_eq!(found.expect("points").names, ["a", "b"]);
        let error = scatter(&set, &["class"], None).err().expect("no numbers").to_string();
        assert_eq!(error, "there is no column of numbers `class`");
    }

    #[test]
    fn odd_columns() {
        let words = Words::new([Some("<script>"), None, Some("'\"")].into_iter());
        let columns = vec![Column::numbers("x", vec![f64::INFINITY, f64::NAN, 1.0]), Column::words("w", words)];
        let set = Set::table(String::new(), 3, columns);
        let found = value(describe(&set, set.column("w")));
        assert_eq!((&found["columns"][0]["infinite"], &found["columns"][0]["max"]), (&json!(1), &Value::Null));
        assert_eq!((&found["unclassed"], &found["classes"][1]["name"]), (&json!(1), &json!("<script>")));
        assert_eq!(value(related(&set, Correlation::Spearman))["values"], json!([[null]]));
        assert!(class_of(&set, Some("no")).is_err() && class_of(&set, Some("")).is_ok_and(|class| class.is_none()));
        let empty = Set::table(String::new(), 0, vec![]);
        assert_eq!(value(describe(&empty, None))["columns"], json!([]));
        assert!(scatter(&empty, &[], None).is_ok_and(|found| found.points.is_empty()));
    }
}
