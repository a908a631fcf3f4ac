//! What a file does not say and its first records show: what parts cells, and whether names come first.

use std::io::{self, Read};

/// How much of a file is looked at.
const HEAD: u64 = 1 << 16;

/// How many records of it.
const RECORDS: usize = 50;

/// What may part cells. Of several that fit, the first: a comma is also a decimal point.
const DELIMITERS: [u8; 4] = *b"\t;,|";

/// The start of a file, without the mark of UTF-8. The inner error is a sentence about the file.
pub(super) fn head(source: &mut impl Read) -> io::Result<Result<Vec<u8>, String>> {
    let mut head = Vec::new();
    source.by_ref().take(HEAD).read_to_end(&mut head)?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Ok(Err("UTF-16, and should be UTF-8".to_owned()));
    }
    const MARK: &[u8] = &[0xef, 0xbb, 0xbf];
    if head.starts_with(MARK) {
        head.drain(..MARK.len());
    }
    // The parser would pass over a second one.
    match head.starts_with(MARK) {
        true => Ok(Err("it begins with two marks of UTF-8".to_owned())),
        false => Ok(Ok(head)),
    }
}

/// What parts the cells of a file that starts so: what stands in each record equally often; if nothing does, what is most
/// frequent in the first; a comma, if nothing stands there.
pub(super) fn delimiter(head: &[u8]) -> u8 {
    let (mut records, mut counts, mut quoted) = (Vec::new(), [0usize; DELIMITERS.len()], false);
    let mut empty = true;
    for &byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => {
                if !empty {
                    records.push(counts);
                }
                (counts, empty) = ([0; DELIMITERS.len()], true);
                continue;
            }
            _ if quoted => {}
            _ => {
                if let Some(at) = DELIMITERS.iter().position(|&d| d == byte) {
                    counts[at] += 1;
                }
            }
        }
        empty = false;
    }
    // The last one may go on behind the head.
    if !empty && (records.is_empty() || (head.len() as u64) < HEAD) {
        records.push(counts);
    }
    records.truncate(RECORDS);
    let Some(first) = records.first() else {
        return b',';
    };
    let alike = |&at: &usize| first[at] > 0 && records.iter().all(|record| record[at] == first[at]);
    let most = || (0..DELIMITERS.len()).filter(|&at| first[at] > 0).max_by_key(|&at| first[at]);
    (0..DELIMITERS.len()).find(alike).or_else(most).map_or(b',', |at| DELIMITERS[at])
}

/// Whether the first record holds the columns' names: no cell of it is a number, and no two are equal. Equal ones are
/// names too if the second record has numbers.
pub(super) fn has_names(first: &[&str], second: Option<&[&str]>, is_number: impl Fn(&str) -> bool) -> bool {
    let mut sorted: Vec<&str> = first.iter().copied().filter(|name| !name.is_empty()).collect();
    sorted.sort_unstable();
    let unequal = sorted.windows(2).all(|pair| pair[0] != pair[1]);
    let numbers = |cells: &[&str]| cells.iter().any(|cell| is_number(cell));
    !numbers(first) && (unequal || second.is_some_and(numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_parts_cells() {
        for (text, want) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2,5\n3;4\n", b';'),
            ("1,5;2,5\n3,5;4,5\n", b';'),
            ("a\tb\n1, 2\t3\n", b'\t'),
            ("a|b\n1|2", b'|'),
            ("\"a;b\",c\n\"1;2;3\",4\n", b','),
            ("a,b;c\n1,2\n", b','),
            ("a\n1\n2\n", b','),
            ("", b','),
            ("\n\n", b','),
        ] {
            assert_eq!(delimiter(text.as_bytes()), want, "{text:?}");
        }
    }

    #[test]
    fn whether_names_come_first() {
        let number = |cell: &str| cell.parse::<f64>().is_ok();
        let names = |first: &[&str], second: &[&str]| has_names(first, Some(second), number);
        assert!(names(&["a", "b"], &["1", "2"]));
        assert!(names(&["a", "b"], &["x", "y"]));
        assert!(names(&["", "b", ""], &["1", "2", "3"]));
        assert!(!names(&["1", "M", "2.5"], &["2", "B", "3.5"]));
        assert!(!names(&["x", "y", "x"], &["y", "y", "x"]));
        assert!(names(&["a", "a"], &["1", "2"]), "two columns of one name are a mistake to be named");
        assert!(has_names(&["a"], None, number));
    }
}
