//! What was learned from a table, to prepare others in the same way.

use super::column::{Fill, Kind, MOST_CATEGORIES};
use super::guard::MOST_COLUMNS;
use super::records::{Cell, Records};
use super::report::{Report, count, listed};
use super::table::{Csv, Scale};
use crate::data::{Categories, Column as Figures};
use crate::state::Name;
use crate::{Error, Result};
use std::collections::HashMap;
use std::fmt;

/// Tables with fewer rows are not searched for columns that say what the target says: it may be chance.
const FEW_ROWS: usize = 20;

/// What the columns of a table turn into, learned from its rows: which columns in which order, the categories and their
/// numbers, what fills a missing number, the scale of each. scikit-learn's `ColumnTransformer`, with its
/// `LabelEncoder` for the target.
///
/// It prepares other rows exactly as those that it was fitted to, finds the columns of another file by their names, in
/// any order, and is saved in the file of the network: then that file is all that a prediction needs. Printed, it is a
/// table of what becomes of which column.
///
/// ```
/// use fusion::data::csv::{Csv, Preprocessor};
/// use fusion::prelude::*;
///
/// model! { Net: [4] -> [2] { fc: Linear<_, 2> } }
///
/// let csv = Csv::from_bytes("age,port,class\n20,S,yes\n30,C,no\n40,Q,no\n")?.standardize();
/// let prepare = Preprocessor::fit_classification(&csv, "class")?;
/// let data = prepare.classification::<dim!(4)>(&csv)?;
///
/// let (folder, mut rng) = (tempfile::tempdir()?, StdRng::seed_from_u64(0));
/// let path = folder.path().join("net.safetensors");
/// Net::init(&mut rng).save_with(&path, &prepare)?;
///
/// let (net, prepare) = (Net::load(&path)?, fusion::state::saved_with::<Preprocessor>(&path)?);
/// let new = Csv::from_bytes("port,age\nS,30\n")?;
/// let x = prepare.features::<dim!(4)>(&new)?;
/// assert_eq!(x.to_vec(), [0.0, 0.0, 0.0, 1.0]);
/// let guess = net.forward(x).argmax().to_vec()[0];
/// assert!(["no", "yes"].contains(&prepare.classes()[guess as usize].as_str()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "ColumnTransformer")]
#[doc(alias = "Pipeline")]
pub struct Preprocessor {
    /// Whether columns are found by name; else by place, among this many.
    pub(super) header: bool,
    pub(super) width: usize,
    /// How a missing value and a number are written.
    pub(super) missing: Vec<String>,
    pub(super) decimal_comma: bool,
    pub(super) ignore_unknown: bool,
    pub(super) inputs: Vec<Input>,
    pub(super) target: Target,
}

/// A column that becomes features.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Input {
    pub(super) column: Place,
    pub(super) how: How,
}

/// Where a column stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) at: usize,
}

/// What a column becomes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum How {
    /// `(x - shift) / scale`, where `fill` is a missing `x`.
    Number { fill: Option<f64>, shift: f64, scale: f64 },
    /// A feature for each category, and one more if missing is one.
    Category { categories: Categories, missing: bool },
}

impl How {
    pub(super) fn width(&self) -> usize {
        match self {
            How::Number { .. } => 1,
            How::Category { categories, missing } => categories.len() + usize::from(*missing),
        }
    }
}

/// What is predicted.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    Nothing,
    Class(Place, Categories),
    Numbers(Vec<Place>),
}

impl Target {
    pub(super) fn places(&self) -> &[Place] {
        match self {
            Target::Nothing => &[],
            Target::Class(place, _) => std::slice::from_ref(place),
            Target::Numbers(places) => places,
        }
    }
}

impl Preprocessor {
    /// Learns from rows without a target: every column that is not left out becomes features.
    ///
    /// # Errors
    /// If a number is missing and nothing fills it, a cell of a column of numbers is none, or a column has so many
    /// different texts that it should be left out.
    pub fn fit(csv: &Csv) -> Result<Self> {
        fit(csv, Target::Nothing)
    }

    /// Learns from rows of which the column `target` says the class.
    ///
    /// # Errors
    /// As [`Preprocessor::fit`]; if the column is not there, a class is missing, or another column says the same as the
    /// target under other names, from which a network would learn nothing else.
    pub fn fit_classification(csv: &Csv, target: &str) -> Result<Self> {
        let at = csv.records.column(target)?;
        let mut classes = Vec::new();
        for &row in csv.rows.iter() {
            match csv.records.cell(row as usize, at) {
                Cell::Missing => return Err(csv.records.fault(row as usize, at, "the class is missing")),
                Cell::Number(x) if x.fract() != 0.0 && csv.columns[at].kind == Kind::Number => {
                    let problem = format!("{x} is no class: is the target a number? Then it is a regression");
                    return Err(csv.records.fault(row as usize, at, &problem));
                }
                _ => classes.push(csv.records.text(row as usize, at)),
            }
        }
        let categories = Categories::fit(classes);
        if categories.len() > MOST_CATEGORIES && !csv.columns[at].said {
            return Err(csv.records.problem(format!(
                "column {} has {} different values: is it the target of a classification? `category` says that it is",
                Name(target),
                categories.len()
            )));
        }
        fit(csv, Target::Class(Place { name: target.to_owned(), at }, categories))
    }

    /// Learns from rows of which some columns say the numbers to be predicted.
    ///
    /// # Errors
    /// As [`Preprocessor::fit`]; if a column is not there, or a target is missing or no number.
    pub fn fit_regression(csv: &Csv, targets: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let place = |name: &str| Ok(Place { name: name.to_owned(), at: csv.records.column(name)? });
        let places = targets.into_iter().map(|name| place(name.as_ref())).collect::<Result<Vec<_>>>()?;
        for &row in csv.rows.iter() {
            for place in &places {
                number(&csv.records, row, place.at)?
                    .ok_or_else(|| csv.records.fault(row as usize, place.at, "the target is missing"))?;
            }
        }
        fit(csv, Target::Numbers(places))
    }

    /// In rows to be prepared, a category that was not there at the fit gives 0 in all features of its column. Without
    /// this it is an error.
    #[doc(alias = "handle_unknown")]
    pub fn ignore_unknown(mut self) -> Self {
        self.ignore_unknown = true;
        self
    }

    /// How many features a row becomes.
    pub fn num_features(&self) -> usize {
        self.inputs.iter().map(|input| input.how.width()).sum()
    }

    /// What the features are called: a number as its column, a category `column=value`.
    pub fn feature_names(&self) -> Vec<String> {
        let mut names = Vec::with_capacity(self.num_features());
        for Input { column, how } in &self.inputs {
            match how {
                How::Number { .. } => names.push(column.name.clone()),
                How::Category { categories, missing } => {
                    names.extend(categories.names().iter().map(|value| format!("{}={value}", column.name)));
                    names.extend(missing.then(|| format!("{} missing", column.name)));
                }
            }
        }
        names
    }

    /// The classes, in the order of their numbers; none if the target is none of a classification.
    pub fn classes(&self) -> &[String] {
        match &self.target {
            Target::Class(_, categories) => categories.names(),
            Target::Nothing | Target::Numbers(_) => &[],
        }
    }

    /// The columns that say what is to be predicted.
    pub fn targets(&self) -> Vec<&str> {
        self.target.places().iter().map(|place| place.name.as_str()).collect()
    }
}

/// The finite number in a cell; none if it is missing.
pub(super) fn number(records: &Records, row: u32, column: usize) -> Result<Option<f64>> {
    let row = row as usize;
    let problem = match records.cell(row, column) {
        Cell::Missing => return Ok(None),
        Cell::Number(x) if x.is_finite() => return Ok(Some(x)),
        Cell::Number(_) => "no finite number",
        Cell::Text(_) => "no number",
    };
    Err(records.fault(row, column, &format!("{} is {problem}", Name(records.text(row, column)))))
}

/// Learns everything but the target.
fn fit(csv: &Csv, target: Target) -> Result<Preprocessor> {
    let records = &csv.records;
    if csv.rows.is_empty() {
        return Err(records.problem("no rows to learn from".to_owned()));
    }
    let places = target.places();
    let used = |at: &usize| !csv.columns[*at].left_out && places.iter().all(|place| place.at != *at);
    let used: Vec<usize> = (0..csv.columns.len()).filter(used).collect();
    let free = |at: &&usize| csv.columns[**at].kind == Kind::Category && !csv.columns[**at].said;
    let many = used.iter().filter(free).filter(|&&at| csv.contents(at).values.len() > MOST_CATEGORIES);
    let many: Vec<String> = many.take(20).map(|&at| Name(&records.names[at]).to_string()).collect();
    if !many.is_empty() {
        return Err(records.problem(format!(
            "more than {MOST_CATEGORIES} different texts in {}: leave them out by `without`, or say by `category` that \
             they are categories",
            many.join(", ")
        )));
    }
    if let Target::Class(place, categories) = &target {
        for &at in used.iter().filter(|&&at| !csv.columns[at].said) {
            if csv.rows.len() >= FEW_ROWS && says_the_same(csv, at, place.at, categories.len()) {
                return Err(records.problem(format!(
                    "column {} says the same as the target {} under other names: leave it out by `without`, or say by \
                     `number` or `category` that it is to be used",
                    Name(&records.names[at]),
                    Name(&place.name)
                )));
            }
        }
    }
    let input = |at: usize| Ok(Input { column: Place { name: records.names[at].clone(), at }, how: how(csv, at)? });
    let inputs = used.into_iter().map(input).collect::<Result<Vec<_>>>()?;
    let fitted = Preprocessor {
        header: records.header,
        width: csv.columns.len(),
        missing: records.dialect.missing.clone(),
        decimal_comma: records.dialect.decimal_comma,
        ignore_unknown: false,
        inputs,
        target,
    };
    match fitted.num_features() {
        0 => Err(records.problem("no column is left to learn from".to_owned())),
        1..=MOST_COLUMNS => Ok(fitted),
        n => Err(records.problem(format!("{n} features are more than {MOST_COLUMNS}"))),
    }
}

/// Whether each value of a column stands for a class, and each class for a value.
fn says_the_same(csv: &Csv, column: usize, target: usize, classes: usize) -> bool {
    let (mut pairs, mut seen) = (HashMap::new(), 0);
    for &row in csv.rows.iter() {
        let [value, class] = [column, target].map(|at| csv.records.text(row as usize, at));
        if *pairs.entry(value).or_insert_with(|| (seen += 1, class).1) != class || seen > classes {
            return false;
        }
    }
    seen == classes && classes > 1
}

/// Learns what a column becomes.
fn how(csv: &Csv, at: usize) -> Result<How> {
    let (records, column) = (&csv.records, &csv.columns[at]);
    if column.kind == Kind::Category {
        let there = |row: &&u32| records.cell(**row as usize, at) != Cell::Missing;
        let categories = Categories::fit(csv.rows.iter().filter(there).map(|&row| records.text(row as usize, at)));
        return Ok(How::Category { categories, missing: csv.rows.iter().any(|row| !there(&row)) });
    }
    let (mut numbers, mut first, mut missing) = (Vec::with_capacity(csv.rows.len()), None, 0);
    for &row in csv.rows.iter() {
        match number(records, row, at)? {
            Some(x) => numbers.push(x),
            None => {
                first = first.or(Some(row));
                missing += 1;
            }
        }
    }
    if numbers.is_empty() {
        return Err(records.problem(format!("column {} has no number in these rows", Name(&records.names[at]))));
    }
    let figures = Figures::new("", numbers.clone());
    let fill = column.fill.map(|fill| match fill {
        Fill::Mean => figures.mean,
        Fill::Median => figures.median,
        Fill::Constant(x) => x,
    });
    match (first, fill) {
        (Some(row), None) => {
            let more = if missing > 1 { format!(", and {} more", missing - 1) } else { String::new() };
            let problem =
                format!("a number is missing{more}: fill them by `fill`, or leave the rows out by `drop_missing`");
            return Err(records.fault(row as usize, at, &problem));
        }
        // The scale is of the numbers as they are after filling.
        (_, Some(fill)) => numbers.extend(std::iter::repeat_n(fill, missing)),
        (None, None) => {}
    }
    let figures = Figures::new("", numbers);
    let (shift, scale) = match csv.scale {
        Scale::AsTheyAre => (0.0, 1.0),
        Scale::MinMax => (figures.min, figures.max - figures.min),
        Scale::Standard => (figures.mean, deviation(&figures)),
    };
    if !(shift.is_finite() && scale.is_finite()) {
        return Err(records.problem(format!("column {} has numbers too large to be scaled", Name(&records.names[at]))));
    }
    Ok(How::Number { fill, shift, scale: if scale == 0.0 { 1.0 } else { scale } })
}

/// The standard deviation, divided by n; 0 if it is what rounding makes of a constant column.
fn deviation(figures: &Figures) -> f64 {
    let n = figures.count as f64;
    if figures.count < 2 || figures.min == figures.max {
        return 0.0;
    }
    let variance = figures.std * figures.std * (n - 1.0) / n;
    let noise = n * f64::EPSILON * variance + (n * figures.mean * f64::EPSILON).powi(2);
    if variance <= noise { 0.0 } else { variance.sqrt() }
}

/// What becomes of which column.
impl fmt::Display for Preprocessor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (columns, features) = (count(self.inputs.len(), "column"), count(self.num_features(), "feature"));
        writeln!(f, "{columns} to {features}")?;
        let mut report = Report::new(&["column", "features", "becomes"], &[1]);
        for Input { column, how } in &self.inputs {
            let becomes = || match how {
                How::Category { categories, missing } => {
                    let values = listed(categories.names().iter().map(String::as_str));
                    format!("one of {values}{}", if *missing { ", or missing" } else { "" })
                }
                How::Number { fill, shift, scale } => {
                    let scaled = match (*shift, *scale) == (0.0, 1.0) {
                        true => "as it is".to_owned(),
                        false => format!("(x - {shift:.6}) / {scale:.6}"),
                    };
                    scaled + &fill.map_or(String::new(), |fill| format!(", {fill:.6} where missing"))
                }
            };
            report.row(|| vec![column.name.clone(), how.width().to_string(), becomes()]);
        }
        for place in self.target.places() {
            let becomes = match &self.target {
                Target::Class(_, classes) => {
                    format!("target, one of {}", listed(classes.names().iter().map(String::as_str)))
                }
                Target::Nothing | Target::Numbers(_) => "target, a number".to_owned(),
            };
            report.row(|| vec![place.name.clone(), String::new(), becomes]);
        }
        report.fmt(f)
    }
}

/// An error that names the features of a row.
pub(super) fn misfit(fitted: &Preprocessor, want: usize) -> Error {
    let widths = fitted.inputs.iter().map(|Input { column, how }| match how.width() {
        1 => Name(&column.name).to_string(),
        n => format!("{} ({n})", Name(&column.name)),
    });
    const MOST: usize = 40;
    let mut list: Vec<String> = widths.clone().take(MOST).collect();
    list.extend((widths.len() > MOST).then(|| format!("and {} more", widths.len() - MOST)));
    let found = count(fitted.num_features(), "feature");
    Error::shape(format_args!("the columns become {found}, but the type has {want}: {}", list.join(", ")))
}
