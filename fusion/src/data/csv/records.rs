//! The cells of a file in memory.

use super::found;
use super::guard::{Fault, Guard};
use crate::state::{Name, nearest};
use crate::{Error, Result};
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How the cells of a file are written.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    /// What parts cells; found if none is said.
    pub(super) delimiter: Option<u8>,
    /// Whether the first record has the columns' names; found if nobody says.
    pub(super) header: Option<bool>,
    /// What stands for a value that is not there.
    pub(super) missing: Vec<String>,
    pub(super) decimal_comma: bool,
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Missing,
    /// Also an infinite one.
    Number(f64),
    Text(&'a str),
}

impl Dialect {
    /// What the text of a cell means.
    pub(super) fn cell<'a>(&self, text: &'a str) -> Cell<'a> {
        if self.missing.iter().any(|missing| missing == text) {
            return Cell::Missing;
        }
        match self.number(text) {
            Some(number) if number.is_nan() => Cell::Missing,
            Some(number) => Cell::Number(number),
            None => Cell::Text(text),
        }
    }

    fn number(&self, text: &str) -> Option<f64> {
        // What cannot be one is told from its first letter: texts are many, and parsing takes long.
        let first = text.trim_start_matches(['+', '-']).chars().next()?;
        if !(first.is_ascii_digit() || matches!(first, '.' | ',' | 'i' | 'I' | 'n' | 'N')) {
            return None;
        }
        match self.decimal_comma && text.contains(',') {
            true => text.replacen(',', ".", 1).parse().ok(),
            false => text.parse().ok(),
        }
    }
}

/// A file's cells, without white space around them, row by row.
#[derive(Debug)]
pub(super) struct Records {
    /// The file, or what stands for it in messages.
    pub(super) path: PathBuf,
    /// The columns' names; their numbers, if the file has no names.
    pub(super) names: Vec<String>,
    pub(super) header: bool,
    pub(super) delimiter: u8,
    pub(super) dialect: Dialect,
    /// The texts of all cells, and where each ends.
    text: String,
    ends: Vec<u32>,
    /// The line on which each row starts.
    lines: Vec<u32>,
}

impl Records {
    /// Reads all of a source.
    pub(super) fn read(mut source: impl Read, path: &Path, dialect: &Dialect) -> Result<Self> {
        let format = |problem| Error::format(path, problem);
        let failed = |source| Error::file(path, source);
        let head = found::head(&mut source).map_err(failed)?.map_err(format)?;
        let delimiter = dialect.delimiter.unwrap_or_else(|| found::delimiter(&head));
        let guard = Guard::new(io::Cursor::new(head).chain(source), delimiter);
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(guard);
        let mut table = Self {
            path: path.to_owned(),
            names: Vec::new(),
            header: false,
            delimiter,
            dialect: dialect.clone(),
            text: String::new(),
            ends: Vec::new(),
            lines: Vec::new(),
        };
        let (mut record, mut width, mut count) = (csv::ByteRecord::new(), 0, 0);
        while reader.read_byte_record(&mut record).map_err(|error| table.reason(error))? {
            let line = || reader.get_ref().line_of(count);
            if count == 0 {
                width = record.len();
            } else if record.len() != width {
                let (cells, line) = (record.len(), line());
                return Err(table.problem(format!("line {line}: {cells} cells, but the first record has {width}")));
            }
            for (at, cell) in record.iter().enumerate() {
                let text = str::from_utf8(cell).map_err(|error| {
                    let byte = cell[error.valid_up_to()];
                    table.problem(format!("line {}, cell {}: byte {byte:#04x} is not UTF-8", line(), at + 1))
                })?;
                table.text.push_str(text.trim());
                table.ends.push(table.text.len() as u32);
            }
            count += 1;
        }
        table.lines = reader.into_inner().into_lines();
        debug_assert_eq!(table.lines.len(), count, "the parser and its guard see the same records");
        table.name(width)?;
        Ok(table)
    }

    /// Takes the names out of the first record, if they are there.
    fn name(&mut self, width: usize) -> Result<()> {
        // As long as nothing is named, row 0 is the first record.
        self.names = (0..width).map(|at| at.to_string()).collect();
        let record = |row: usize| (0..width).map(|at| self.text(row, at)).collect::<Vec<_>>();
        if width == 0 {
            return Err(self.problem("no records".to_owned()));
        }
        let (first, second) = (record(0), (self.num_rows() > 1).then(|| record(1)));
        let is_number = |text: &str| matches!(self.dialect.cell(text), Cell::Number(_));
        let header = self.dialect.header;
        if !header.unwrap_or_else(|| found::has_names(&first, second.as_deref(), is_number)) {
            return Ok(());
        }
        let mut names = self.names.clone();
        for (name, text) in names.iter_mut().zip(&first).filter(|(_, text)| !text.is_empty()) {
            *name = (*text).to_owned();
        }
        let mut seen = HashMap::new();
        for (at, name) in names.iter().enumerate() {
            if let Some(before) = seen.insert(name, at) {
                let (name, before, at) = (Name(name), before + 1, at + 1);
                return Err(self.problem(format!("line 1: cells {before} and {at} name a column {name}")));
            }
        }
        // The names leave the texts, whose first ends move up.
        let start = self.ends[width - 1] as usize;
        self.text.drain(..start);
        self.ends.drain(..width);
        self.ends.iter_mut().for_each(|end| *end -= start as u32);
        self.lines.remove(0);
        (self.names, self.header) = (names, true);
        Ok(())
    }

    pub(super) fn num_rows(&self) -> usize {
        self.ends.len() / self.names.len().max(1)
    }

    /// The text of a cell.
    pub(super) fn text(&self, row: usize, column: usize) -> &str {
        let at = row * self.names.len() + column;
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.text[start..self.ends[at] as usize]
    }

    /// What a cell means.
    pub(super) fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        self.dialect.cell(self.text(row, column))
    }

    /// An error about the file.
    pub(super) fn problem(&self, problem: String) -> Error {
        Error::format(&self.path, problem)
    }

    /// An error about a cell.
    pub(super) fn fault(&self, row: usize, column: usize, problem: &str) -> Error {
        let (line, name) = (self.lines.get(row).copied().unwrap_or(0), Name(&self.names[column]));
        self.problem(format!("line {line}, column {name}: {problem}"))
    }

    /// The column of this name.
    pub(super) fn column(&self, name: &str) -> Result<usize> {
        self.names.iter().position(|other| other == name).ok_or_else(|| {
            let near = nearest(name, self.names.iter().take(1000).map(String::as_str));
            let hint = match near.filter(|&(far, other)| far * 3 <= other.chars().count()) {
                Some((_, other)) => format!(" (is it {}?)", Name(other)),
                None if !self.header => " (the file has no names: columns are called by their numbers, from 0)".into(),
                None => String::new(),
            };
            self.problem(format!("there is no column {}{hint}", Name(name)))
        })
    }

    /// What the parser's error says.
    fn reason(&self, error: csv::Error) -> Error {
        let text = error.to_string();
        match error.into_kind() {
            csv::ErrorKind::Io(error) => match error.get_ref().and_then(|e| e.downcast_ref::<Fault>()) {
                Some(Fault(problem)) => self.problem(problem.clone()),
                None => Error::file(&self.path, error),
            },
            _ => self.problem(text),
        }
    }
}
