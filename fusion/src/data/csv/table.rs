//! A table read from a file, and what is chosen for its columns.

use super::column::{Column, Contents, Fill, Kind, MOST_CATEGORIES};
use super::records::{Cell, Records};
use super::report::{Report, count, listed};
use crate::Result;
use crate::data::{Categories, Dataset};
use crate::state::Name;
use rand::Rng;
use rand::seq::SliceRandom;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A table of comma-separated values in memory, with what is to become of each column.
///
/// A file is read with what it does not say found out: what parts its cells (comma, tab, semicolon or bar), whether its
/// first record has the columns' names (it has unless a cell of it is a number), and which columns are numbers (those in
/// which nothing else stands) and which categories. [`Csv::options`] says what is found out wrong. Printed, it is a report
/// of what was understood.
///
/// A column of categories becomes a feature for each (one-hot); a missing value is a category of its own. A missing
/// number is an error unless [`fill`](Csv::fill) or [`drop_missing`](Csv::drop_missing) says what becomes of it.
///
/// ```
/// use fusion::data::csv::{Csv, Fill, Preprocessor};
/// use fusion::prelude::*;
///
/// let text = "age,port,fare,survived\n22,S,7.25,no\n38,C,71.3,yes\n,S,8.05,yes\n35,Q,53.1,no\n";
/// let csv = Csv::from_bytes(text)?.fill(Fill::Median);
/// println!("{csv}");
///
/// // In one line, with the number of features held to the type: age, three ports, fare.
/// let data = csv.classification::<dim!(5)>("survived")?;
/// assert_eq!(data.feature_names(), ["age", "port=C", "port=Q", "port=S", "fare"]);
/// assert_eq!(data.y.to_vec(), [0, 1, 1, 0]);
///
/// // What is learned from the training rows prepares others.
/// let (train, test) = csv.standardize().split(0.25, &mut StdRng::seed_from_u64(0));
/// let prepare = Preprocessor::fit_classification(&train, "survived")?.ignore_unknown(); // ports that no training row has
/// let (train, test) = (prepare.classification::<Dyn>(&train)?, prepare.classification::<Dyn>(&test)?);
/// # assert_eq!((train.len(), test.len()), (3, 1));
/// # Ok::<(), fusion::Error>(())
/// ```
///
/// # Limits
/// The text is held in memory: a file may have 4 GiB, a record 16 MiB and 100,000 cells, a cell 1 MiB. What is longer,
/// ragged, not UTF-8 or not quoted to its end is an error that names the line.
#[derive(Clone)]
#[doc(alias = "read_csv")]
#[doc(alias = "DataFrame")]
pub struct Csv {
    pub(super) records: Arc<Records>,
    /// The numbers of its rows in the file.
    pub(super) rows: Arc<Vec<u32>>,
    pub(super) columns: Vec<Column>,
    pub(super) scale: Scale,
}

/// What numbers are brought to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    AsTheyAre,
    Standard,
    MinMax,
}

impl Csv {
    pub(super) fn new(records: Records) -> Self {
        let rows: Vec<u32> = (0..records.num_rows() as u32).collect();
        let column = |at| {
            let kind = Contents::of(&records, at, &rows).kind();
            Column { kind, said: false, left_out: false, fill: None }
        };
        let columns = (0..records.names.len()).map(column).collect();
        Self { records: Arc::new(records), rows: Arc::new(rows), columns, scale: Scale::AsTheyAre }
    }

    /// The names of all columns; in a file without names, their numbers from 0.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    ///
    /// assert_eq!(Csv::from_bytes("id,size\n7,1.5\n")?.names(), ["id", "size"]);
    /// assert_eq!(Csv::from_bytes("7,1.5\n8,2.5\n")?.names(), ["0", "1"]);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn names(&self) -> &[String] {
        &self.records.names
    }

    /// How many rows.
    pub fn num_rows(&self) -> usize {
        self.rows.len()
    }

    /// The file that it was read from.
    pub fn path(&self) -> PathBuf {
        self.records.path.clone()
    }

    /// The text of a cell, without white space around it; none if there is no such row or column.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    ///
    /// let csv = Csv::from_bytes("id,size\n7, 1.5\n")?;
    /// assert_eq!((csv.get(0, "size"), csv.get(1, "size")), (Some("1.5"), None));
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn get(&self, row: usize, column: &str) -> Option<&str> {
        let column = self.names().iter().position(|name| name == column)?;
        Some(self.records.text(*self.rows.get(row)? as usize, column))
    }

    /// Leaves columns out: identity numbers, notes, what would give the target away.
    ///
    /// # Errors
    /// If there is no column of such a name, as of the following ones.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    /// use fusion::prelude::*;
    ///
    /// let csv = Csv::from_bytes("id,size,class\n7,1.5,a\n8,2.5,b\n")?.without(["id"])?;
    /// assert_eq!(csv.classification::<dim!(1)>("class")?.feature_names(), ["size"]);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    #[doc(alias = "drop")]
    pub fn without(self, columns: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        self.each(columns, |column| column.left_out = true)
    }

    /// Takes columns for categories, though their cells are numbers, or more than 100 different texts.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    /// use fusion::prelude::*;
    ///
    /// let csv = Csv::from_bytes("deck,class\n1,a\n3,b\n")?.category(["deck"])?;
    /// assert_eq!(csv.classification::<dim!(2)>("class")?.feature_names(), ["deck=1", "deck=3"]);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn category(self, columns: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        self.each(columns, |column| (column.kind, column.said) = (Kind::Category, true))
    }

    /// Takes columns for numbers: a cell that is none is an error, which says where it is.
    pub fn number(self, columns: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        self.each(columns, |column| (column.kind, column.said) = (Kind::Number, true))
    }

    /// Fills the missing numbers of all columns that have no [`fill_column`](Csv::fill_column) of their own.
    pub fn fill(mut self, fill: Fill) -> Self {
        self.columns.iter_mut().for_each(|column| column.fill = column.fill.or(Some(fill)));
        self
    }

    /// Fills the missing numbers of one column.
    ///
    /// ```
    /// use fusion::data::csv::{Csv, Fill};
    /// use fusion::prelude::*;
    ///
    /// let csv = Csv::from_bytes("age,debt,y\n20,?,1\n,3,2\n40,5,3\n")?;
    /// let csv = csv.fill_column("debt", Fill::Constant(0.0))?.fill(Fill::Mean);
    /// assert_eq!(csv.regression::<dim!(2), dim!(1)>(["y"])?.x.to_vec(), [20.0, 0.0, 30.0, 3.0, 40.0, 5.0]);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn fill_column(self, column: &str, fill: Fill) -> Result<Self> {
        self.each([column], |column| column.fill = Some(fill))
    }

    fn each(
        mut self,
        columns: impl IntoIterator<Item = impl AsRef<str>>,
        change: impl Fn(&mut Column),
    ) -> Result<Self> {
        for name in columns {
            let at = self.records.column(name.as_ref())?;
            change(&mut self.columns[at]);
        }
        Ok(self)
    }

    /// Leaves out the rows in which a cell is missing, in any column that is not left out itself.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    ///
    /// let csv = Csv::from_bytes("note,age\n?,1\nx,NA\ny,3\n")?;
    /// assert_eq!(csv.clone().drop_missing().num_rows(), 1);
    /// assert_eq!(csv.without(["note"])?.drop_missing().num_rows(), 2);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    #[doc(alias = "dropna")]
    pub fn drop_missing(mut self) -> Self {
        let used: Vec<usize> = (0..self.columns.len()).filter(|&at| !self.columns[at].left_out).collect();
        let whole = |row: &u32| used.iter().all(|&at| self.records.cell(*row as usize, at) != Cell::Missing);
        self.rows = Arc::new(self.rows.iter().copied().filter(whole).collect());
        self
    }

    /// Brings each number to mean 0 and standard deviation 1, as [`Standardizer`](crate::data::Standardizer) does. What
    /// comes from categories stays 0 and 1.
    pub fn standardize(mut self) -> Self {
        self.scale = Scale::Standard;
        self
    }

    /// Brings each number to 0 to 1, as [`MinMax`](crate::data::MinMax) does.
    pub fn min_max(mut self) -> Self {
        self.scale = Scale::MinMax;
        self
    }

    /// The rows with these numbers, in their order.
    ///
    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn select(&self, rows: &[usize]) -> Self {
        let n = self.num_rows();
        if let Some(row) = rows.iter().find(|&&row| row >= n) {
            panic!("there is no row {row} among {n}");
        }
        Self { rows: Arc::new(rows.iter().map(|&row| self.rows[row]).collect()), ..self.clone() }
    }

    /// Shuffles the rows and parts them into training and test rows, the latter `test_fraction` of all, rounded to the
    /// nearest: [`Dataset::split`](crate::data::Dataset::split) before anything is learned from the rows.
    ///
    /// # Panics
    /// If the fraction is not in 0..=1.
    #[doc(alias = "train_test_split")]
    #[track_caller]
    pub fn split(&self, test_fraction: f64, rng: &mut (impl Rng + ?Sized)) -> (Self, Self) {
        assert!((0.0..=1.0).contains(&test_fraction), "the share of the test rows must be in 0..=1: {test_fraction}");
        let tests = (self.num_rows() as f64 * test_fraction).round() as usize;
        let mut order: Vec<usize> = (0..self.num_rows()).collect();
        order.shuffle(rng);
        (self.select(&order[tests..]), self.select(&order[..tests]))
    }

    /// As [`Csv::split`], with the share that each text of a column has in both parts, to within one row.
    ///
    /// # Errors
    /// If there is no such column.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    /// use fusion::prelude::*;
    ///
    /// let csv = Csv::from_bytes("x,y\n1,a\n2,b\n3,a\n4,b\n5,a\n6,b\n")?;
    /// let (_, test) = csv.split_stratified("y", 1.0 / 3.0, &mut StdRng::seed_from_u64(0))?;
    /// assert_ne!(test.get(0, "y"), test.get(1, "y"));
    /// # Ok::<(), fusion::Error>(())
    /// ```
    ///
    /// # Panics
    /// If the fraction is not in 0..=1.
    #[track_caller]
    pub fn split_stratified(
        &self,
        column: &str,
        test_fraction: f64,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<(Self, Self)> {
        let at = self.records.column(column)?;
        let texts = || self.rows.iter().map(|&row| self.records.text(row as usize, at));
        let labels = Categories::fit(texts()).encode(texts())?;
        let rows = Dataset::new((0..self.num_rows()).collect::<Vec<_>>(), labels)?;
        let (train, test) = rows.split_stratified(test_fraction, rng);
        Ok((self.select(&train.x), self.select(&test.x)))
    }

    pub(super) fn contents(&self, column: usize) -> Contents {
        Contents::of(&self.records, column, &self.rows)
    }

    /// What is to become of a column, in words, and what looks odd about it.
    fn fate(&self, column: &Column, contents: &Contents) -> String {
        if column.left_out {
            return "left out".to_owned();
        }
        let values = contents.values.len();
        let (becomes, odd) = match column.kind {
            Kind::Category => {
                let features = count(values + usize::from(contents.missing > 0), "feature");
                match values > MOST_CATEGORIES {
                    true if column.said => ("a feature each".to_owned(), None),
                    true => ("too many categories".to_owned(), Some("leave it out, or say `category`")),
                    false => (features, (values <= 1).then_some("always the same")),
                }
            }
            Kind::Number => {
                let scaled = match self.scale {
                    Scale::AsTheyAre => "as it is",
                    Scale::Standard => "standardized",
                    Scale::MinMax => "scaled to 0..1",
                };
                let filled = match (contents.missing > 0, column.fill) {
                    (false, _) => "",
                    (true, None) => ", missing: an error",
                    (true, Some(Fill::Mean)) => ", missing: the mean",
                    (true, Some(Fill::Median)) => ", missing: the median",
                    (true, Some(Fill::Constant(_))) => ", missing: a constant",
                };
                let odd = match contents.range {
                    Some((low, high)) if low == high => Some("always the same"),
                    _ => (contents.numbered && self.num_rows() >= 20).then_some("another in each row: is it an id?"),
                };
                (format!("{scaled}{filled}"), odd)
            }
        };
        becomes + &odd.map_or(String::new(), |odd| format!(" ({odd})"))
    }
}

/// The report of what was understood.
impl fmt::Display for Csv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parted = match self.records.delimiter {
            b',' => "commas".to_owned(),
            b';' => "semicolons".to_owned(),
            b'\t' => "tabs".to_owned(),
            other => format!("`{}`", other as char),
        };
        let names = if self.records.header { "with names" } else { "without names" };
        let (rows, columns) = (count(self.num_rows(), "row"), count(self.columns.len(), "column"));
        writeln!(f, "{}: {rows}, {columns} {names}, parted by {parted}", self.records.path.display())?;
        let mut report = Report::new(&["column", "kind", "missing", "values", "becomes"], &[2]);
        for (at, column) in self.columns.iter().enumerate() {
            report.row(|| {
                let contents = self.contents(at);
                let values = match (column.kind, contents.range) {
                    (Kind::Number, Some((low, high))) => format!("{low} to {high}"),
                    (Kind::Number, None) => String::new(),
                    (Kind::Category, _) if contents.values.len() > MOST_CATEGORIES => {
                        format!("more than {MOST_CATEGORIES} different")
                    }
                    (Kind::Category, _) => listed(contents.values.keys().map(String::as_str)),
                };
                let (name, kind) = (self.names()[at].clone(), column.kind.name().to_owned());
                vec![name, kind, contents.missing.to_string(), values, self.fate(column, &contents)]
            });
        }
        report.fmt(f)
    }
}

impl fmt::Debug for Csv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns) = (self.num_rows(), self.columns.len());
        write!(f, "Csv({}, {rows} rows, {columns} columns)", Name(&self.records.path.to_string_lossy()))
    }
}
