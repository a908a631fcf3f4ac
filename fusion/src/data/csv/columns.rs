//! A table's columns as they stand in the file: what is looked at before anything is prepared.

use super::column::Kind;
use super::records::Cell;
use super::table::Csv;
use crate::Result;
use crate::data::{Column, Description};
use crate::state::Name;

impl Csv {
    /// Whether a column is taken for numbers; otherwise, for categories.
    ///
    /// # Errors
    /// If there is no column of this name, as of the following ones.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    ///
    /// let csv = Csv::from_bytes("port,age\nS,22\nC,\n")?;
    /// assert!(csv.is_number("age")? && !csv.is_number("port")?);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn is_number(&self, column: &str) -> Result<bool> {
        Ok(self.columns[self.records.column(column)?].kind == Kind::Number)
    }

    /// The numbers of a column, a NaN for each that is missing.
    ///
    /// # Errors
    /// If a cell holds something else: its line and what stands there.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    /// use fusion::data::{Bins, Histogram};
    ///
    /// let csv = Csv::from_bytes("port,age\nS,22\nC,\nS,38\n")?;
    /// let ages = Histogram::new(&csv.numbers("age")?, Bins::Count(2));
    /// assert_eq!((ages.counts, ages.nans), (vec![1, 1], 1));
    /// let error = csv.numbers("port").unwrap_err().to_string();
    /// assert_eq!(error, "(bytes): line 2, column `port`: `S` is no number");
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn numbers(&self, column: &str) -> Result<Vec<f64>> {
        let at = self.records.column(column)?;
        let number = |&row: &u32| match self.records.cell(row as usize, at) {
            Cell::Missing => Ok(f64::NAN),
            Cell::Number(x) => Ok(x),
            Cell::Text(text) => Err(self.records.fault(row as usize, at, &format!("{} is no number", Name(text)))),
        };
        self.rows.iter().map(number).collect()
    }

    /// The texts of a column, none for each that is missing.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    ///
    /// let csv = Csv::from_bytes("port,age\nS,22\nC,\n?,38\n")?;
    /// assert_eq!(csv.texts("port")?, [Some("S"), Some("C"), None]);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn texts(&self, column: &str) -> Result<Vec<Option<&str>>> {
        let at = self.records.column(column)?;
        let text = |&row: &u32| {
            let row = row as usize;
            (self.records.cell(row, at) != Cell::Missing).then(|| self.records.text(row, at))
        };
        Ok(self.rows.iter().map(text).collect())
    }

    /// Count, mean, standard deviation, minimum, quartiles and maximum of each column of numbers, and how many are missing:
    /// pandas' `describe`. A column that is said to hold numbers has NaN where it holds something else.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    ///
    /// let table = Csv::from_bytes("port,age\nS,22\nC,\nS,38\n")?.describe();
    /// assert_eq!((table.columns.len(), table.columns[0].mean, table.columns[0].missing), (1, 30.0, 1));
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn describe(&self) -> Description {
        let numbered = (0..self.columns.len()).filter(|&at| self.columns[at].kind == Kind::Number);
        let column = |at: usize| {
            let number = |&row: &u32| match self.records.cell(row as usize, at) {
                Cell::Number(x) => x,
                _ => f64::NAN,
            };
            Column::new(self.names()[at].clone(), self.rows.iter().map(number).collect())
        };
        Description { columns: numbered.map(column).collect() }
    }
}
