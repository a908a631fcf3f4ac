//! The format of the embedded data sets: columns of decimals as whole numbers of few bits. `pack.py` writes
//! and describes it.

use std::str::FromStr;

/// A packed data set, read.
pub struct Packed {
    /// How many rows.
    pub rows: usize,
    /// The names of the classes; none for a regression.
    pub classes: Vec<&'static str>,
    /// The columns, the target last.
    pub columns: Vec<Column>,
}

/// A column of a packed data set.
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// A number for each row.
    pub values: Vec<f64>,
}

/// Reads a file that `pack.py` made; panics at anything else.
pub fn unpack(file: &'static [u8]) -> Packed {
    let end = file.windows(2).position(|pair| pair == b"\n\n").expect("an empty line after the header");
    let header = std::str::from_utf8(&file[..end]).expect("a header of text");
    let mut bytes = &file[end + 2..];
    let (mut rows, mut classes, mut columns) = (0, Vec::new(), Vec::new());
    for line in header.lines() {
        if let Some(n) = line.strip_prefix("rows ") {
            rows = number(n);
        } else if let Some(names) = line.strip_prefix("classes ") {
            classes = names.split(',').collect();
        } else {
            let mut fields = line.splitn(4, ' ');
            let mut field = || fields.next().expect("bits, decimals, lowest and name");
            let (bits, decimals, lowest) = (number::<usize>(field()), number(field()), number(field()));
            let (column, rest) = bytes.split_at((rows * bits).div_ceil(8));
            columns.push(Column { name: field(), values: values(column, rows, bits, decimals, lowest) });
            bytes = rest;
        }
    }
    assert!(bytes.is_empty(), "bytes after the last column");
    Packed { rows, classes, columns }
}

fn number<T: FromStr>(text: &str) -> T {
    text.parse().ok().expect("a number")
}

/// The values of a column: whole and power of ten are exact, so that the quotient is the double nearest to the decimal.
fn values(bytes: &[u8], rows: usize, bits: usize, decimals: i32, lowest: i64) -> Vec<f64> {
    let power = 10f64.powi(decimals);
    let (mut window, mut have, mut bytes) = (0u64, 0, bytes.iter());
    let mut code = || {
        while have < bits {
            window |= u64::from(*bytes.next().expect("enough bytes")) << have;
            have += 8;
        }
        let code = window & ((1 << bits) - 1);
        window >>= bits;
        have -= bits;
        code as i64
    };
    (0..rows).map(|_| (lowest + code()) as f64 / power).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_cross_bytes() {
        // 3 bits each, the lowest first: 101, 000, 111, 010.
        let bytes = [0b1100_0101, 0b0000_0101];
        assert_eq!(values(&bytes, 4, 3, 1, -5), [0.0, -0.5, 0.2, -0.3]);
        assert_eq!(values(&[], 2, 0, 0, 9), [9.0, 9.0]);
    }

    #[test]
    fn a_whole_file() {
        let packed = unpack(b"rows 2\nclasses no,yes\n4 1 -3 a b\n1 0 0 target\n\n\xf0\x02");
        assert_eq!((packed.rows, packed.classes), (2, vec!["no", "yes"]));
        assert_eq!((packed.columns[0].name, &packed.columns[0].values[..]), ("a b", &[-0.3, 1.2][..]));
        assert_eq!(packed.columns[1].values, [0.0, 1.0]);
    }
}
