//! Reading a log.

use super::format::{Format, LONGEST, header, of_csv, of_json};
use crate::{Error, Result};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// What [`Log::read`](super::Log::read) finds.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Records {
    /// The whole records, in their order.
    pub records: Vec<Record>,
    /// What is wrong with the end of the file, if something is: a sentence. A process was killed while it wrote there.
    pub damaged: Option<String>,
}

/// A record: the number of an epoch, or of a step, and numbers by name.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The epoch, or the step.
    pub epoch: usize,
    /// The numbers, in their order.
    pub values: Vec<(String, f64)>,
}

impl Record {
    /// The number with this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|(other, _)| other == name).map(|(_, value)| *value)
    }
}

pub(super) fn read(path: &Path) -> Result<Records> {
    let mut lines = BufReader::new(File::open(path).map_err(|source| Error::file(path, source))?);
    let (format, mut columns) = (Format::of(path), None);
    let (mut found, mut number) = (Records::default(), 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A file that is no log may be one line of any length.
        let limited = &mut (&mut lines).take(LONGEST as u64);
        limited.read_until(b'\n', &mut line).map_err(|source| Error::file(path, source))?;
        if line.is_empty() {
            return Ok(found);
        }
        number += 1;
        let problem = match (line.strip_suffix(b"\n"), format, &columns) {
            (None, ..) if line.len() == LONGEST => format!("has more than {LONGEST} bytes"),
            (None, ..) => "has no end".to_owned(),
            (Some(line), Format::Csv, None) => match header(line) {
                Ok(names) => {
                    columns = Some(names);
                    continue;
                }
                Err(problem) => problem,
            },
            (Some(line), Format::Csv, Some(columns)) => match of_csv(line, columns) {
                Ok((epoch, values)) => {
                    let values = columns.iter().cloned().zip(values).collect();
                    found.records.push(Record { epoch, values });
                    continue;
                }
                Err(problem) => problem,
            },
            (Some(line), Format::JsonLines, _) => match of_json(line) {
                Ok((epoch, values)) => {
                    found.records.push(Record { epoch, values });
                    continue;
                }
                Err(problem) => problem,
            },
        };
        let problem = format!("line {number} {problem}");
        let at_the_end = lines.fill_buf().map_err(|source| Error::file(path, source))?.is_empty();
        if !at_the_end {
            return Err(Error::format(path, problem));
        }
        found.damaged = Some(problem);
        return Ok(found);
    }
}
