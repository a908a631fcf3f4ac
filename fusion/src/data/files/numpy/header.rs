//! The header of an NPY file: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.

use super::super::contents::Contents;
use super::super::numbers::Kind;
use crate::Result;
use crate::kernels::DType;

/// What every NPY file begins with.
const MAGIC: [u8; 6] = *b"\x93NUMPY";

/// Headers of plain arrays have about a hundred bytes; NumPy itself reads no longer ones.
const LONGEST: u64 = 10_000;

/// The start of the data is a multiple of this.
const ALIGN: usize = 64;

/// As many axes as a tensor may have.
const MOST_AXES: usize = 6;

/// What the header says of the array.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    pub kind: Kind,
    pub big_endian: bool,
    pub fortran: bool,
    pub sizes: Vec<usize>,
}

impl Header {
    pub fn read(contents: &mut Contents<'_>) -> Result<Self> {
        let [magic @ .., major, _] = contents.array::<8>("the start of an NPY file")?;
        if magic != MAGIC {
            return Err(contents.wrong("does not begin as an NPY file does, with \\x93NUMPY"));
        }
        let length = match major {
            1 => u16::from_le_bytes(contents.array("the header's length")?).into(),
            2 | 3 => u32::from_le_bytes(contents.array("the header's length")?).into(),
            _ => return Err(contents.wrong(format_args!("is an NPY file of version {major}, and 1 to 3 are known"))),
        };
        if length > LONGEST {
            return Err(contents.wrong(format_args!("has a header of {length} bytes, and {LONGEST} are the most")));
        }
        let text = contents.bytes(length, "the header")?;
        let text = String::from_utf8_lossy(&text);
        Self::parse(&text).map_err(|problem| contents.wrong(format_args!("its header `{}` {problem}", text.trim_end())))
    }

    fn parse(text: &str) -> std::result::Result<Self, String> {
        let mut words = Words { rest: text };
        let (mut kind, mut fortran, mut sizes) = (None, None, None);
        words.expect('{')?;
        while !words.take('}') {
            let key = words.quoted()?;
            words.expect(':')?;
            match key {
                "descr" if words.starts('[') => return Err("describes records, and no array of numbers".to_owned()),
                "descr" => kind = Some(of_descr(words.quoted()?)?),
                "fortran_order" => fortran = Some(words.truth()?),
                "shape" => sizes = Some(words.sizes()?),
                _ => return Err(format!("has the unknown key `{key}`")),
            }
            if !words.take(',') {
                words.expect('}')?;
                break;
            }
        }
        if !words.rest.trim().is_empty() {
            return Err("goes on behind its end".to_owned());
        }
        match (kind, fortran, sizes) {
            (Some((kind, big_endian)), Some(fortran), Some(sizes)) => Ok(Self { kind, big_endian, fortran, sizes }),
            (None, ..) => Err("does not say `descr`".to_owned()),
            (_, None, _) => Err("does not say `fortran_order`".to_owned()),
            (.., None) => Err("does not say `shape`".to_owned()),
        }
    }
}

/// A type such as `<f4`: byte order, sort, and size.
fn of_descr(descr: &str) -> std::result::Result<(Kind, bool), String> {
    let (big_endian, of) = match descr.split_at_checked(1) {
        Some(("<" | "|" | "=", of)) => (false, of),
        Some((">", of)) => (true, of),
        _ => (false, descr),
    };
    let kind = match of {
        "b1" | "?" => Kind::Bool,
        "u1" | "B" => Kind::U8,
        "i1" | "b" => Kind::I8,
        "u2" => Kind::U16,
        "i2" => Kind::I16,
        "u4" => Kind::U32,
        "i4" => Kind::I32,
        "u8" => Kind::U64,
        "i8" => Kind::I64,
        "f2" => Kind::F16,
        "f4" => Kind::F32,
        "f8" => Kind::F64,
        _ => return Err(format!("describes elements of type `{descr}`, which are no numbers that a tensor has")),
    };
    Ok((kind, big_endian))
}

/// What is left of a literal of Python.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn starts(&mut self, c: char) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.starts_with(c)
    }

    fn take(&mut self, c: char) -> bool {
        let there = self.starts(c);
        if there {
            self.rest = &self.rest[c.len_utf8()..];
        }
        there
    }

    fn expect(&mut self, c: char) -> std::result::Result<(), String> {
        match self.take(c) {
            true => Ok(()),
            false => Err(format!("should have `{c}` {}", self.place())),
        }
    }

    /// Where it stands, in words.
    fn place(&self) -> String {
        match self.rest.chars().next() {
            Some(_) => format!("before `{}`", self.rest.chars().take(12).collect::<String>()),
            None => "at its end".to_owned(),
        }
    }

    fn quoted(&mut self) -> std::result::Result<&'a str, String> {
        let quote = if self.take('"') {
            '"'
        } else {
            self.expect('\'')?;
            '\''
        };
        let (text, rest) = self.rest.split_once(quote).ok_or("has a text without an end")?;
        self.rest = rest;
        Ok(text)
    }

    fn truth(&mut self) -> std::result::Result<bool, String> {
        self.rest = self.rest.trim_start();
        for (word, truth) in [("False", false), ("True", true)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(truth);
            }
        }
        Err(format!("should have True or False {}", self.place()))
    }

    fn sizes(&mut self) -> std::result::Result<Vec<usize>, String> {
        self.expect('(')?;
        let mut sizes = Vec::new();
        while !self.take(')') {
            self.rest = self.rest.trim_start();
            let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
            let size = self.rest[..end].parse().map_err(|_| format!("should have a size {}", self.place()))?;
            sizes.push(size);
            // Python 2 wrote large numbers with an L.
            self.rest = self.rest[end..].strip_prefix('L').unwrap_or(&self.rest[end..]);
            if sizes.len() > MOST_AXES {
                return Err(format!("has more axes than the {MOST_AXES} of a tensor"));
            }
            if !self.take(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(sizes)
    }
}

/// A header of version 1.
pub(super) fn write(dtype: DType, sizes: &[usize]) -> Vec<u8> {
    let descr = match dtype {
        DType::F32 => "<f4",
        DType::F64 => "<f8",
        DType::I64 => "<i8",
        DType::U8 => "|u1",
        DType::Bool => "|b1",
    };
    let shape = match sizes {
        [size] => format!("({size},)"),
        _ => format!("({})", sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let start = MAGIC.len() + 4;
    let padded = (start + text.len() + 1).next_multiple_of(ALIGN) - start;
    text.extend(std::iter::repeat_n(' ', padded - 1 - text.len()));
    text.push('\n');
    [&MAGIC[..], &[1, 0], &(text.len() as u16).to_le_bytes(), text.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let whole = "{'descr': '>f8', 'fortran_order': True, 'shape': (2L, 3), }   \n";
        let want = Header { kind: Kind::F64, big_endian: true, fortran: true, sizes: vec![2, 3] };
        assert_eq!(Header::parse(whole), Ok(want));
        let scalar = Header::parse("{\"shape\": (), \"fortran_order\": False, \"descr\": \"|b1\"}").unwrap();
        assert_eq!((scalar.kind, scalar.sizes.len()), (Kind::Bool, 0));
        let said = |text: &str| Header::parse(text).unwrap_err();
        assert_eq!(
            said("{'descr': '<c8', "),
            "describes elements of type `<c8`, which are no numbers that a tensor has"
        );
        assert_eq!(said("{'descr': [('a', '<f4')], "), "describes records, and no array of numbers");
        assert_eq!(said("{'shape': (3 4)}"), "should have `)` before `4)}`");
        assert_eq!(said("{'shape': (-1,)}"), "should have a size before `-1,)}`");
        assert_eq!(said("{'shape': (99999999999999999999999,)}"), "should have a size before `999999999999`");
        assert_eq!(said("{'fortran_order': 0}"), "should have True or False before `0}`");
        assert_eq!(said("{'descr': '<f4'}"), "does not say `fortran_order`");
        assert_eq!(said("{'what': 1}"), "has the unknown key `what`");
        assert_eq!(said("{} x"), "goes on behind its end");
        assert_eq!(said("{'x"), "has a text without an end");
        assert_eq!(said(""), "should have `{` at its end");
        assert_eq!(said("{'shape': (1,1,1,1,1,1,1)}"), "has more axes than the 6 of a tensor");
    }
}
