//! Tables of text.

use std::fmt;

/// The most rows that are printed.
const MOST_ROWS: usize = 200;

/// The most letters of a cell.
const LONGEST: usize = 60;

/// Rows below a header, aligned left; the columns in `right` are aligned right.
pub(super) struct Report {
    rows: Vec<Vec<String>>,
    right: &'static [usize],
    more: usize,
}

impl Report {
    pub(super) fn new(header: &[&str], right: &'static [usize]) -> Self {
        Self { rows: vec![header.iter().map(|&text| text.to_owned()).collect()], right, more: 0 }
    }

    pub(super) fn row(&mut self, cells: impl FnOnce() -> Vec<String>) {
        match self.rows.len() > MOST_ROWS {
            true => self.more += 1,
            false => self.rows.push(cells().iter().map(|cell| short(cell)).collect()),
        }
    }
}

/// A text without control characters, not too long.
fn short(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => text[..end].chars().map(plain).chain(['…']).collect(),
        None => text.chars().map(plain).collect(),
    }
}

/// The first of some texts, and how many there are.
pub(super) fn listed<'a>(texts: impl ExactSizeIterator<Item = &'a str>) -> String {
    const MOST: usize = 5;
    let count = texts.len();
    let mut list: Vec<&str> = texts.take(if count <= MOST { count } else { MOST - 1 }).collect();
    if count > MOST {
        list.push("…");
    }
    list.join(", ")
}

/// `1 row`, `2 rows`.
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = |text: &String| text.chars().count();
        let widths: Vec<usize> = (0..self.rows[0].len())
            .map(|at| self.rows.iter().map(|row| letters(&row[at])).max().unwrap_or(0))
            .collect();
        for (line, row) in self.rows.iter().enumerate() {
            let mut text = String::new();
            for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
                text += if at == 0 { "" } else { "  " };
                text += &match self.right.contains(&at) {
                    true => format!("{cell:>width$}"),
                    false => format!("{cell:<width$}"),
                };
            }
            write!(f, "{}{}", if line == 0 { "" } else { "\n" }, text.trim_end())?;
        }
        if self.more > 0 {
            write!(f, "\n… and {} more", self.more)?;
        }
        Ok(())
    }
}
