//! What a run says of itself, in a file.

mod format;
mod read;

pub use read::{Record, Records};

use crate::{Error, Result};
use format::Format;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A file to which each epoch adds a line: its number, and numbers by name. JSON lines, or CSV if the path ends in `.csv`.
///
/// A record is written at once, whole, behind those before. So a process that is killed loses at most the record that it was
/// writing, and others can read the file while it grows.
///
/// ```
/// use fusion::train::Log;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("run.jsonl");
/// let mut log = Log::create(&path)?; // "run.jsonl"
/// for epoch in 1..=2 {
///     log.write(epoch, &[("loss", 0.5 / epoch as f64), ("accuracy", 0.75)])?;
/// }
/// assert_eq!(std::fs::read_to_string(&path)?, "\
/// {\"epoch\":1,\"loss\":0.5,\"accuracy\":0.75}
/// {\"epoch\":2,\"loss\":0.25,\"accuracy\":0.75}
/// ");
///
/// let read = Log::read(&path)?;
/// assert_eq!(read.records[1].get("loss"), Some(0.25));
/// assert_eq!(read.damaged, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// This is the plain table of a run, for people and spreadsheets. Curves with a point each step, histograms, images and the network
/// go into the log of [`fusion::log`](mod@crate::log), which a page or TensorBoard shows.
///
/// Numbers are written such that reading them gives the same again; what is not finite is `"NaN"`, `"inf"` or `"-inf"` in JSON.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
    format: Format,
    /// The columns of CSV; none before the first record.
    columns: Option<Vec<String>>,
}

impl Log {
    /// A new file, in the place of one that may be there.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be made.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        File::create(path).map_err(|source| Error::file(path, source))?;
        Self::append(path)
    }

    /// A file that is there already, to go on behind its last record, or a new one. What a killed process left of a record is
    /// cut off.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be opened or made, [`Error::Format`] if the first line of a CSV file is no header of a log.
    pub fn append(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let open = || -> std::io::Result<(File, Vec<u8>)> {
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
            let whole = whole(&mut file)?;
            if whole < file.metadata()?.len() {
                file.set_len(whole)?;
            }
            file.rewind()?;
            let mut first = Vec::new();
            let mut lines = std::io::BufReader::new((&mut file).take(format::LONGEST as u64));
            std::io::BufRead::read_until(&mut lines, b'\n', &mut first)?;
            Ok((file, first))
        };
        let (file, first) = open().map_err(|source| Error::file(path, source))?;
        let format = Format::of(path);
        let columns = match format {
            Format::Csv if !first.is_empty() => {
                let problem = |problem| Error::format(path, format!("line 1 {problem}"));
                Some(format::header(first.strip_suffix(b"\n").unwrap_or(&first)).map_err(problem)?)
            }
            _ => None,
        };
        Ok(Self { path: path.to_owned(), file, format, columns })
    }

    /// Adds a record: the number of the epoch, or of the step, and numbers by name.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be written; [`Error::Argument`] if two numbers have one name, or one has the name `epoch`,
    /// and of CSV if the names are not those of the first record.
    pub fn write(&mut self, epoch: usize, values: &[(&str, f64)]) -> Result<()> {
        for (at, (name, _)) in values.iter().enumerate() {
            if *name == format::EPOCH || values[..at].iter().any(|(other, _)| other == name) {
                return Err(Error::argument(
                    "values",
                    format!("a record has `{name}` once, and this one has it twice"),
                ));
            }
        }
        let mut text = String::new();
        match self.format {
            Format::JsonLines => format::json_line(&mut text, epoch, values),
            Format::Csv => {
                let names: Vec<String> = values.iter().map(|(name, _)| (*name).to_owned()).collect();
                match &self.columns {
                    None => format::csv_header(&mut text, &names)?,
                    Some(columns) if *columns == names => {}
                    Some(columns) => {
                        let (path, columns, names) = (self.path.display(), columns.join(", "), names.join(", "));
                        let problem = format!("the columns of {path} are {columns}, not {names}");
                        return Err(Error::argument("values", problem));
                    }
                }
                format::csv_line(&mut text, epoch, values);
                self.columns = Some(names);
            }
        }
        self.file.write_all(text.as_bytes()).map_err(|source| Error::file(&self.path, source))
    }

    /// The records of a file, and what a killed process left of one.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::Format`] if a line other than the last is no record; it says which, and
    /// why.
    pub fn read(path: impl AsRef<Path>) -> Result<Records> {
        read::read(path.as_ref())
    }
}

/// The length of a file up to its last whole line.
fn whole(file: &mut File) -> std::io::Result<u64> {
    let mut end = file.metadata()?.len();
    let mut part = vec![0; 1 << 16];
    while end > 0 {
        let start = end.saturating_sub(part.len() as u64);
        let part = &mut part[..(end - start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests;
