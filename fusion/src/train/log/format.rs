//! Records as lines.

use crate::{Error, Result};
use std::fmt::Write;
use std::path::Path;

/// The name under which the number of the epoch stands.
pub(super) const EPOCH: &str = "epoch";

/// A longer line is none of a log, in bytes.
pub(super) const LONGEST: usize = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    JsonLines,
    Csv,
}

impl Format {
    pub fn of(path: &Path) -> Self {
        let is_csv = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
        if is_csv { Self::Csv } else { Self::JsonLines }
    }
}

pub(super) fn json_line(text: &mut String, epoch: usize, values: &[(&str, f64)]) {
    write!(text, "{{\"{EPOCH}\":{epoch}").expect("a string takes everything");
    for (name, value) in values {
        let name = serde_json::Value::from(*name);
        let quote = if value.is_finite() { "" } else { "\"" };
        write!(text, ",{name}:{quote}{value:?}{quote}").expect("a string takes everything");
    }
    text.push_str("}\n");
}

pub(super) fn csv_header(text: &mut String, names: &[String]) -> Result<()> {
    text.push_str(EPOCH);
    for name in names {
        if name.contains(['\n', '\r']) {
            return Err(Error::argument("values", format!("a column of CSV has a name in one line, not {name:?}")));
        }
        text.push(',');
        match name.contains([',', '"']) {
            true => write!(text, "\"{}\"", name.replace('"', "\"\"")).expect("a string takes everything"),
            false => text.push_str(name),
        }
    }
    text.push('\n');
    Ok(())
}

pub(super) fn csv_line(text: &mut String, epoch: usize, values: &[(&str, f64)]) {
    write!(text, "{epoch}").expect("a string takes everything");
    values.iter().for_each(|(_, value)| write!(text, ",{value:?}").expect("a string takes everything"));
    text.push('\n');
}

/// The names in the first line of a CSV file, without that of the epoch.
pub(super) fn header(line: &[u8]) -> Result<Vec<String>, String> {
    let text = utf8(line)?;
    let mut names = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let name = match text.strip_prefix('"') {
            Some(quoted) => {
                let mut name = String::new();
                let mut quoted = quoted;
                loop {
                    let (part, after) = quoted.split_once('"').ok_or("has a name whose quotes do not end")?;
                    name.push_str(part);
                    match after.strip_prefix('"') {
                        Some(more) => {
                            name.push('"');
                            quoted = more;
                        }
                        None => {
                            rest = match after.strip_prefix(',') {
                                None if after.is_empty() => None,
                                None => return Err("has something behind the quotes of a name".to_owned()),
                                more => more,
                            };
                            break name;
                        }
                    }
                }
            }
            None => {
                let (name, after) = match text.split_once(',') {
                    Some((name, after)) => (name, Some(after)),
                    None => (text, None),
                };
                rest = after;
                name.to_owned()
            }
        };
        names.push(name);
    }
    if names.remove(0) != EPOCH {
        return Err(format!("should begin with `{EPOCH}`"));
    }
    Ok(names)
}

pub(super) fn utf8(line: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(line).map_err(|error| format!("is no UTF-8 from its byte {} on", error.valid_up_to() + 1))
}

/// The epoch and the numbers of a line of CSV with so many columns.
pub(super) fn of_csv(line: &[u8], columns: &[String]) -> Result<(usize, Vec<f64>), String> {
    let mut cells = utf8(line)?.split(',');
    let epoch = cells.next().unwrap_or_default();
    let epoch = epoch.parse().map_err(|_| format!("should begin with a whole number, not {epoch:?}"))?;
    let number = |(at, cell): (usize, &str)| {
        cell.parse().map_err(|_| format!("has {cell:?} in its cell {}, which is no number", at + 2))
    };
    let values = cells.enumerate().map(number).collect::<Result<Vec<f64>, String>>()?;
    if values.len() != columns.len() {
        return Err(format!("should have {} cells, but has {}", columns.len() + 1, values.len() + 1));
    }
    Ok((epoch, values))
}

/// The epoch and the numbers of a line of JSON, in their order.
///
/// A record is flat, and its numbers have to be read to the last bit, in their order, which readers of all of JSON need not do.
pub(super) fn of_json(line: &[u8]) -> Result<(usize, Vec<(String, f64)>), String> {
    let text = utf8(line)?.trim();
    let inside = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let mut rest = inside.ok_or("should be an object, from { to }")?.trim();
    let (mut epoch, mut values) = (None, Vec::<(String, f64)>::new());
    while !rest.is_empty() {
        let (name, after) = quoted(rest)?;
        let after =
            after.trim_start().strip_prefix(':').ok_or_else(|| format!("has no : behind {name:?}"))?.trim_start();
        let (token, after) = match after.starts_with('"') {
            true => quoted(after)?,
            false => {
                let end = after.find(',').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        if name == EPOCH {
            epoch = Some(token.parse().map_err(|_| format!("should have a whole number as {EPOCH:?}, not {token:?}"))?);
        } else if values.iter().any(|(other, _)| *other == name) {
            return Err(format!("has {name:?} twice"));
        } else {
            let number = token.parse().map_err(|_| format!("should have a number as {name:?}, not {token:?}"))?;
            values.push((name, number));
        }
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(more) if !more.trim_start().is_empty() => more.trim_start(),
            None if after.is_empty() => "",
            _ => return Err(format!("has {after:?} where another number or the end should be")),
        };
    }
    Ok((epoch.ok_or_else(|| format!("has no {EPOCH:?}"))?, values))
}

/// A text in quotes at the beginning, and what follows.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let wrong = || format!("should have a name in quotes where {:?} stands", text.chars().take(20).collect::<String>());
    let inside = text.strip_prefix('"').ok_or_else(wrong)?;
    let mut escaped = false;
    let end = inside.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    let end = end.ok_or_else(wrong)? + 2;
    Ok((serde_json::from_str(&text[..end]).map_err(|_| wrong())?, &text[end..]))
}
