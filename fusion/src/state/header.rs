//! The header of a safetensors file, read entry by entry.
//!
//! A header is JSON from outside. The `safetensors` crate builds a tree of it first, which for a hostile header takes
//! forty times the file's size, keeps shapes of any rank and lets the last of two entries of one name win. This reader
//! keeps nothing: it hands out each entry as it is read, and the caller, who knows what to expect, keeps what it needs.

use std::borrow::Cow;
use std::fmt;
use std::str::Chars;

/// A tensor's entry as it is written. Nothing in it is checked against the file.
pub(super) struct Entry<'h> {
    pub(super) name: Cow<'h, str>,
    pub(super) dtype: Cow<'h, str>,
    pub(super) shape: FoundShape,
    /// The first byte and the one past the last, counted from the end of the header.
    pub(super) bytes: [u64; 2],
}

/// How many sizes of a shape are kept: more than a tensor can have.
const KEPT: usize = 8;

/// A shape as a file claims it: of any rank, of which the first sizes are kept.
pub(super) struct FoundShape {
    sizes: [u64; KEPT],
    rank: usize,
    count: Option<u64>,
}

impl FoundShape {
    /// Whether it has exactly these sizes.
    pub(super) fn is(&self, mut sizes: impl ExactSizeIterator<Item = usize>) -> bool {
        self.rank == sizes.len()
            && self.rank <= KEPT
            && self.sizes[..self.rank].iter().all(|&n| sizes.next() == usize::try_from(n).ok())
    }

    /// How many elements; `None` if that cannot be counted.
    pub(super) fn count(&self) -> Option<u64> {
        self.count
    }

    fn push(&mut self, n: u64) {
        self.count = self.count.and_then(|count| count.checked_mul(n));
        if let Some(size) = self.sizes.get_mut(self.rank) {
            *size = n;
        }
        self.rank += 1;
    }
}

impl fmt::Display for FoundShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, n) in self.sizes[..self.rank.min(KEPT)].iter().enumerate() {
            write!(f, "{}{n}", if i == 0 { "" } else { ", " })?;
        }
        match self.rank > KEPT {
            true => write!(f, ", …] ({} axes)", self.rank),
            false => f.write_str("]"),
        }
    }
}

/// The key under which a header keeps texts about the whole file.
pub(super) const METADATA: &str = "__metadata__";

/// Reads a header: hands each tensor's entry to `entry` and each text about the whole file to `metadata`, in the order
/// of the file. An error is a sentence about the file.
pub(super) fn read<'h>(
    header: &'h [u8],
    mut entry: impl FnMut(Entry<'h>) -> Result<(), String>,
    mut metadata: impl FnMut(Cow<'h, str>, Cow<'h, str>),
) -> Result<(), String> {
    let text = str::from_utf8(header).map_err(|e| format!("byte {} of its header is not UTF-8", e.valid_up_to()))?;
    let mut json = Scanner { text, at: 0 };
    let mut seen_metadata = false;
    json.list(b'{', b'}', |json| {
        let name = json.key()?;
        if name != METADATA {
            return entry(json.entry(name)?);
        }
        if std::mem::replace(&mut seen_metadata, true) {
            return Err(format!("its header has two `{METADATA}`"));
        }
        json.list(b'{', b'}', |json| {
            metadata(json.key()?, json.string()?);
            Ok(())
        })
    })?;
    match json.peek() {
        None => Ok(()),
        Some(_) => json.expected("nothing more"),
    }
}

/// Reads JSON from left to right: the part of it that headers are made of.
struct Scanner<'h> {
    text: &'h str,
    at: usize,
}

impl<'h> Scanner<'h> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn expected<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("byte {} of its header: expected {what}", self.at))
    }

    /// Is `byte` next? Then passes it.
    fn take(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    fn expect(&mut self, byte: u8) -> Result<(), String> {
        if self.take(byte) { Ok(()) } else { self.expected(&format!("`{}`", char::from(byte))) }
    }

    /// Items between `open` and `close`, with commas between them.
    fn list(
        &mut self,
        open: u8,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        self.expect(open)?;
        if self.take(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            if self.take(close) {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn key(&mut self) -> Result<Cow<'h, str>, String> {
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// A string; borrowed unless it has escapes.
    fn string(&mut self) -> Result<Cow<'h, str>, String> {
        self.expect(b'"')?;
        let (start, mut escapes) = (self.at, false);
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escapes = true;
                    self.at += 2;
                }
                Some(0x20..) => self.at += 1,
                Some(_) | None => {
                    self.at = self.at.min(self.text.len());
                    return self.expected("the end of a string");
                }
            }
        }
        let raw = &self.text[start..self.at];
        if escapes {
            let Some(text) = unescaped(raw) else {
                self.at = start;
                return self.expected("a string whose escapes are characters");
            };
            self.at += 1;
            return Ok(Cow::Owned(text));
        }
        self.at += 1;
        Ok(Cow::Borrowed(raw))
    }

    /// A whole number, not negative.
    fn number(&mut self) -> Result<u64, String> {
        self.peek();
        let start = self.at;
        let mut n = 0u64;
        while let Some(digit @ b'0'..=b'9') = self.text.as_bytes().get(self.at) {
            let next = n.checked_mul(10).and_then(|n| n.checked_add(u64::from(digit - b'0')));
            let Some(next) = next else {
                return self.expected("a number below 2^64");
            };
            n = next;
            self.at += 1;
        }
        let digits = &self.text[start..self.at];
        let fraction = matches!(self.text.as_bytes().get(self.at), Some(b'.' | b'e' | b'E'));
        if digits.is_empty() || fraction || (digits.len() > 1 && digits.starts_with('0')) {
            self.at = start;
            return self.expected("a whole number, not negative");
        }
        Ok(n)
    }

    fn entry(&mut self, name: Cow<'h, str>) -> Result<Entry<'h>, String> {
        let (mut dtype, mut shape, mut bytes) = (None, None, None);
        let start = self.at;
        self.list(b'{', b'}', |json| {
            let at = json.at;
            let again = match &*json.key()? {
                "dtype" => dtype.replace(json.string()?).is_some(),
                "shape" => {
                    let mut found = FoundShape { sizes: [0; KEPT], rank: 0, count: Some(1) };
                    json.list(b'[', b']', |json| {
                        found.push(json.number()?);
                        Ok(())
                    })?;
                    shape.replace(found).is_some()
                }
                "data_offsets" => {
                    json.expect(b'[')?;
                    let begin = json.number()?;
                    json.expect(b',')?;
                    let end = json.number()?;
                    json.expect(b']')?;
                    bytes.replace([begin, end]).is_some()
                }
                _ => true,
            };
            if again {
                json.at = at;
                return json.expected("`dtype`, `shape` and `data_offsets`, each once");
            }
            Ok(())
        })?;
        match (dtype, shape, bytes) {
            (Some(dtype), Some(shape), Some(bytes)) => Ok(Entry { name, dtype, shape, bytes }),
            _ => {
                self.at = start;
                self.expected("`dtype`, `shape` and `data_offsets`, each once")
            }
        }
    }
}

/// A string's text, from what stands between its quotes. It is never longer.
fn unescaped(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(c) = rest.next() {
        text.push(if c == '\\' { escaped(&mut rest)? } else { c });
    }
    Some(text)
}

/// The character that follows a backslash.
fn escaped(rest: &mut Chars<'_>) -> Option<char> {
    Some(match rest.next()? {
        plain @ ('"' | '\\' | '/') => plain,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let mut code = four_hex(rest)?;
            if (0xD800..0xDC00).contains(&code) && rest.as_str().starts_with("\\u") {
                rest.nth(1);
                let low = four_hex(rest)?.checked_sub(0xDC00).filter(|&low| low < 0x400)?;
                code = 0x10000 + ((code - 0xD800) << 10) + low;
            }
            return char::from_u32(code);
        }
        _ => return None,
    })
}

fn four_hex(rest: &mut Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |code, _| Some(code * 16 + rest.next()?.to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(header: &str) -> Result<Vec<String>, String> {
        let mut list = Vec::new();
        read(
            header.as_bytes(),
            |entry| {
                list.push(format!("{} {} {} {:?}", entry.name, entry.dtype, entry.shape, entry.bytes));
                Ok(())
            },
            |_, _| {},
        )?;
        Ok(list)
    }

    #[test]
    fn entries_in_order() {
        let header = r#" {"__metadata__":{"format":"pt"}, "b" : {"dtype":"F32","shape":[2, 3],"data_offsets":[0,24]},
            "a\u00e9\ud83d\ude00\n\"":{"shape":[],"data_offsets":[24,32],"dtype":"I64"}}   "#;
        let expect = ["b F32 [2, 3] [0, 24]", "aé😀\n\" I64 [] [24, 32]"];
        assert_eq!(names(header).unwrap(), expect);
        assert_eq!(names("{}").unwrap(), [""; 0]);
        let deep = r#"{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}"#;
        assert_eq!(names(deep).unwrap(), ["a F32 [1, 1, 1, 1, 1, 1, 1, 1, …] (10 axes) [0, 4]"]);
    }

    #[test]
    fn what_is_not_a_header() {
        let whole = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
        assert!(names(whole).is_ok());
        for end in 0..whole.len() {
            assert!(names(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
        for (from, to) in [
            ("[1]", "[1.0]"),
            ("[1]", "[1e0]"),
            ("[1]", "[01]"),
            ("[1]", "[-1]"),
            ("[1]", "[1,]"),
            ("[1]", "[18446744073709551616]"),
            ("[1]", "null"),
            ("[1]", "[[1]]"),
            ("[0,4]", "[0]"),
            ("[0,4]", "[0,4,8]"),
            ("\"F32\"", "32"),
            ("\"F32\"", "\"F32\",\"dtype\":\"F64\""),
            ("\"F32\"", "\"F32\",\"extra\":1"),
            ("\"dtype\":\"F32\",", ""),
            ("\"a\"", "\"\\ud83d\""),
            ("\"a\"", "\"\\ud83d\\u0041\""),
            ("\"a\"", "\"\\u00\""),
            ("\"a\"", "\"\\u+123\""),
            ("\"a\"", "\"\\é\""),
            ("\"a\"", "\"\n\""),
            ("\"a\"", "\"__metadata__\""),
            ("{\"a\"", "{\"__metadata__\":{},\"__metadata__\":{},\"a\""),
            ("}}", "}},"),
            ("}}", "}}}"),
            ("}}", "},}"),
        ] {
            assert!(whole.contains(from));
            let header = whole.replace(from, to);
            assert!(names(&header).is_err(), "{header}");
        }
        assert_eq!(
            names(&whole.replace("[1]", "[x]")).unwrap_err(),
            "byte 29 of its header: expected a whole number, not negative"
        );
        assert!(read(b"{\"\xff\"", |_| Ok(()), |_, _| {}).unwrap_err().contains("UTF-8"));
    }
}
