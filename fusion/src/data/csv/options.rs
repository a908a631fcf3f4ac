//! Where tables come from, and what may be said about how they are written.

use super::records::{Dialect, Records};
use super::table::Csv;
use crate::{Error, Result};
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// What stands for a missing value, unless something else is said.
const MISSING: &[&str] =
    &["", "?", "NA", "N/A", "n/a", "na", "#N/A", "<NA>", "NaN", "nan", "-nan", "null", "NULL", "Null", "None"];

/// How a table is written, where that is not to be found out: what [`Csv::options`] gives.
///
/// ```
/// use fusion::data::csv::Csv;
///
/// let text = "1,5;-9\n2,5;3\n";
/// let csv = Csv::options().header(false).delimiter(b';').decimal_comma().missing(["-9"]).from_bytes(text)?;
/// assert_eq!((csv.names(), csv.num_rows()), (&["0".to_owned(), "1".to_owned()][..], 2));
/// assert_eq!(csv.drop_missing().num_rows(), 1);
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CsvOptions(Dialect);

impl CsvOptions {
    /// What parts the cells of a record: an ASCII character.
    #[doc(alias = "sep")]
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.0.delimiter = Some(delimiter);
        self
    }

    /// Whether the first record has the columns' names.
    pub fn header(mut self, header: bool) -> Self {
        self.0.header = Some(header);
        self
    }

    /// What stands for a missing value, in place of an empty cell, `?`, `NA`, `NaN`, `null`, `None` and their like.
    #[doc(alias = "na_values")]
    pub fn missing(mut self, texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.missing = texts.into_iter().map(Into::into).collect();
        self
    }

    /// Numbers are written with a decimal comma, `1,5`.
    #[doc(alias = "decimal")]
    pub fn decimal_comma(mut self) -> Self {
        self.0.decimal_comma = true;
        self
    }

    /// As [`Csv::open`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Csv> {
        let path = path.as_ref();
        let failed = |source| Error::file(path, source);
        let file = fs::File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "a folder, and no file")));
        }
        self.read(file, path)
    }

    /// As [`Csv::from_bytes`].
    pub fn from_bytes(self, bytes: impl AsRef<[u8]>) -> Result<Csv> {
        self.read(bytes.as_ref(), Path::new("(bytes)"))
    }

    /// As [`Csv::from_reader`].
    pub fn from_reader(self, reader: impl Read) -> Result<Csv> {
        self.read(reader, Path::new("(reader)"))
    }

    fn read(self, mut source: impl Read, path: &Path) -> Result<Csv> {
        if let Some(delimiter) = self.0.delimiter
            && (!delimiter.is_ascii() || matches!(delimiter, 0 | b'"' | b'\n' | b'\r'))
        {
            let delimiter = std::ascii::escape_default(delimiter);
            return Err(Error::argument("delimiter", format!("cells cannot be parted by `{delimiter}`")));
        }
        // Read through a pointer: one reader for every source.
        let source: &mut dyn Read = &mut source;
        Ok(Csv::new(Records::read(source, path, &self.0)?))
    }
}

impl Csv {
    /// Reads the table in the file at `path`.
    ///
    /// # Errors
    /// If the file cannot be read, or is not a table: the error names the line and what is wrong there.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("sizes.csv");
    /// std::fs::write(&path, "a,b\n1,2\n3\n")?;
    /// let error = Csv::open(&path).unwrap_err().to_string();
    /// assert!(error.ends_with("sizes.csv: line 3: 1 cells, but the first record has 2"), "{error}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::options().open(path)
    }

    /// As [`Csv::open`], from the contents of a file.
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Result<Self> {
        Self::options().from_bytes(bytes)
    }

    /// As [`Csv::open`], from any reader.
    pub fn from_reader(reader: impl Read) -> Result<Self> {
        Self::options().from_reader(reader)
    }

    /// Says how the table is written before it is read.
    pub fn options() -> CsvOptions {
        let missing = MISSING.iter().map(|&text| text.to_owned()).collect();
        CsvOptions(Dialect { delimiter: None, header: None, missing, decimal_comma: false })
    }
}
