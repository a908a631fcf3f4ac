//! What stands between a file and the CSV parser: it follows cells and records, so that nothing is kept that is too long.

use std::fmt;
use std::io::{self, Read};

/// The most bytes of a cell.
pub(super) const LONGEST_CELL: u64 = 1 << 20;

/// The most bytes of a record.
pub(super) const LONGEST_RECORD: u64 = 16 << 20;

/// The most cells of a record.
pub(super) const MOST_COLUMNS: usize = 100_000;

/// The most bytes of a file: places in its text are 32 bits wide.
const LONGEST_FILE: u64 = u32::MAX as u64;

/// Where a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between records.
    Between,
    /// At the start of a cell.
    Start,
    /// In a cell without quotes, or behind the closing one.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote that closes, unless another follows.
    Closing,
}

/// A reader that passes bytes on until one breaks a rule.
pub(super) struct Guard<R> {
    source: R,
    delimiter: u8,
    place: Place,
    line: u32,
    /// Of the record so far: its cells, its bytes, and those of its last cell.
    cells: usize,
    record: u64,
    cell: u64,
    total: u64,
    /// Where the last quote opened: line and cell.
    opened: (u32, usize),
    /// The line on which each record starts.
    starts: Vec<u32>,
}

/// A rule that a byte breaks, as the reason of an I/O error.
#[derive(Debug)]
pub(super) struct Fault(pub(super) String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl<R> Guard<R> {
    pub(super) fn new(source: R, delimiter: u8) -> Self {
        Self {
            source,
            delimiter,
            place: Place::Between,
            line: 1,
            cells: 0,
            record: 0,
            cell: 0,
            total: 0,
            opened: (0, 0),
            starts: Vec::new(),
        }
    }

    /// The line on which this record starts, once the reader has come there.
    pub(super) fn line_of(&self, record: usize) -> u32 {
        self.starts.get(record).copied().unwrap_or(self.line)
    }

    /// The lines on which the records start.
    pub(super) fn into_lines(self) -> Vec<u32> {
        self.starts
    }

    /// The parser's rules, as far as they say where cells and records end. An error is a sentence.
    fn step(&mut self, byte: u8) -> Result<(), String> {
        self.total += 1;
        if byte == 0 {
            return Err(format!("line {}: a NUL byte, which no text has", self.line));
        }
        let ends_line = matches!(byte, b'\n' | b'\r');
        if self.place == Place::Between {
            if !ends_line {
                self.starts.push(self.line);
                (self.place, self.cells, self.record, self.cell) = (Place::Start, 1, 0, 0);
            }
        } else {
            self.record += 1;
            self.cell += 1;
        }
        self.place = match self.place {
            Place::Between => Place::Between,
            Place::Quoted if byte == b'"' => Place::Closing,
            Place::Quoted => Place::Quoted,
            Place::Start if byte == b'"' => {
                self.opened = (self.line, self.cells);
                Place::Quoted
            }
            Place::Closing if byte == b'"' => Place::Quoted,
            Place::Start | Place::Plain | Place::Closing if byte == self.delimiter => {
                self.cells += 1;
                self.cell = 0;
                Place::Start
            }
            Place::Start | Place::Plain | Place::Closing if ends_line => Place::Between,
            Place::Start | Place::Plain | Place::Closing => Place::Plain,
        };
        if byte == b'\n' {
            self.line = self.line.saturating_add(1);
        }
        if self.cell > LONGEST_CELL || self.record > LONGEST_RECORD || self.cells > MOST_COLUMNS {
            return Err(self.too_long());
        }
        match self.total > LONGEST_FILE {
            true => Err(format!("longer than {LONGEST_FILE} bytes, the most that is read into memory")),
            false => Ok(()),
        }
    }

    #[cold]
    fn too_long(&self) -> String {
        let start = self.line_of(self.starts.len().saturating_sub(1));
        if self.place == Place::Quoted {
            let (line, cell) = self.opened;
            return format!("line {line}, cell {cell}: no quote closes the cell within {LONGEST_CELL} bytes");
        }
        if self.cells > MOST_COLUMNS {
            return format!("line {start}: more than {MOST_COLUMNS} cells");
        }
        if self.cell > LONGEST_CELL {
            return format!("line {start}, cell {}: longer than {LONGEST_CELL} bytes", self.cells);
        }
        format!("line {start}: a record of more than {LONGEST_RECORD} bytes")
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(bytes)?;
        if count == 0 && !bytes.is_empty() && self.place == Place::Quoted {
            let (line, cell) = self.opened;
            return Err(io::Error::other(Fault(format!("line {line}, cell {cell}: no quote closes the cell"))));
        }
        for &byte in &bytes[..count] {
            self.step(byte).map_err(|problem| io::Error::other(Fault(problem)))?;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::repeat;

    /// The lines on which records start, or what is wrong.
    fn read(source: impl Read) -> Result<Vec<u32>, String> {
        let mut guard = Guard::new(source, b',');
        match io::copy(&mut guard, &mut io::sink()) {
            Ok(_) => Ok(guard.into_lines()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn records_and_their_lines() {
        assert_eq!(read("".as_bytes()), Ok(vec![]));
        assert_eq!(read("a,b\n1,2\r\n\r\n\n3,4".as_bytes()), Ok(vec![1, 2, 5]));
        assert_eq!(read("\"a\nb\",\"c\"\"d\n\"\n1,x\"\n2,y".as_bytes()), Ok(vec![1, 4, 5]));
    }

    #[test]
    fn what_is_too_long() {
        let long = |bytes: u8, before: &'static str| read(before.as_bytes().chain(repeat(bytes).take(20 << 20)));
        assert_eq!(long(b'x', "a,b\n1,").unwrap_err(), "line 2, cell 2: longer than 1048576 bytes");
        assert_eq!(
            long(b'x', "a,b\n1,\"").unwrap_err(),
            "line 2, cell 2: no quote closes the cell within 1048576 bytes"
        );
        assert_eq!(long(b',', "a,b\n").unwrap_err(), "line 2: more than 100000 cells");
        let cell = format!("{},", "x".repeat(1000)).repeat(20_000);
        assert_eq!(read(cell.as_bytes()).unwrap_err(), "line 1: a record of more than 16777216 bytes");
        assert!(long(b'\n', "a,b\n").is_ok(), "empty lines are none");
    }

    #[test]
    fn what_is_no_text_and_what_does_not_end() {
        assert_eq!(read(&b"a,b\n1,\0"[..]).unwrap_err(), "line 2: a NUL byte, which no text has");
        assert_eq!(read(&b"a,b\n1,\"2\n"[..]).unwrap_err(), "line 2, cell 2: no quote closes the cell");
    }
}
