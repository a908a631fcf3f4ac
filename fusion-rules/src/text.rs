//! Text that can be put together while a constant is evaluated, where nothing allocates.

use core::fmt;

use crate::Size;

/// How many bytes a text holds; what does not fit is left out and marked by `…`.
const CAPACITY: usize = 480;
const ELLIPSIS: &str = "…";

/// A text of bounded length, built by `const fn`s.
///
/// ```
/// use fusion_rules::{Dims, Text};
///
/// const T: Text<'_> = Text::new().str("takes ").num(784).str(", not ").dims(Dims::new(&[2, 3]));
/// assert_eq!(T.as_str(), "takes 784, not [2, 3]");
/// ```
#[derive(Clone, Copy)]
pub struct Text<'n> {
    bytes: [u8; CAPACITY],
    len: usize,
    full: bool,
    names: &'n [&'n str],
}

impl Text<'static> {
    /// The empty text.
    pub const fn new() -> Self {
        Text::naming(&[])
    }
}

impl<'n> Text<'n> {
    /// The empty text, which calls sizes that have a name by these.
    pub const fn naming(names: &'n [&'n str]) -> Self {
        Text { bytes: [0; CAPACITY], len: 0, full: false, names }
    }

    /// Adds `s`, or as much of it as fits.
    pub const fn str(mut self, s: &str) -> Self {
        let s = s.as_bytes();
        if self.full {
            return self;
        }
        let room = CAPACITY - ELLIPSIS.len() - self.len;
        let mut take = if s.len() <= room { s.len() } else { room };
        // A cut in the middle of a character would leave something that is not text.
        while take < s.len() && take > 0 && s[take] & 0xC0 == 0x80 {
            take -= 1;
        }
        let mut i = 0;
        while i < take {
            self.bytes[self.len + i] = s[i];
            i += 1;
        }
        self.len += take;
        if take < s.len() {
            self.full = true;
            let dots = ELLIPSIS.as_bytes();
            let mut i = 0;
            while i < dots.len() {
                self.bytes[self.len + i] = dots[i];
                i += 1;
            }
            self.len += dots.len();
        }
        self
    }

    /// Adds a number in decimal.
    pub const fn num(self, n: usize) -> Self {
        let mut digits = [0; 20];
        let (mut at, mut rest) = (digits.len(), n);
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        match core::str::from_utf8(digits.split_at(at).1) {
            Ok(s) => self.str(s),
            Err(_) => self,
        }
    }

    /// Adds a number that may be negative.
    pub const fn signed(self, n: isize) -> Self {
        if n < 0 { self.str("-").num(n.unsigned_abs()) } else { self.num(n.unsigned_abs()) }
    }

    /// Adds a size: a number, `Dyn`, or a name and what is added to it, such as `H - 2`; of one without a name `_`.
    pub const fn size(self, size: Size) -> Self {
        match size {
            Size::Known(n) => self.num(n),
            Size::Dyn => self.str("Dyn"),
            Size::Named { name, offset } => {
                let name = if (name as usize) < self.names.len() { self.names[name as usize] } else { "_" };
                let text = self.str(name);
                let more = offset.unsigned_abs() as usize;
                match offset {
                    0 => text,
                    ..0 => text.str(" - ").num(more),
                    _ => text.str(" + ").num(more),
                }
            }
            Size::Hole => self.str("_"),
            Size::Same => self.str("\"same\""),
        }
    }

    /// Adds a size and the noun that goes with it: `1 channel`, `Dyn channels`.
    pub const fn many(self, size: Size, one: &str, many: &str) -> Self {
        self.size(size).str(" ").str(if size.is_number(1) { one } else { many })
    }

    /// Adds `n` and the noun that goes with it: `1 axis`, `2 axes`.
    pub const fn count(self, n: usize, one: &str, many: &str) -> Self {
        self.num(n).str(" ").str(if n == 1 { one } else { many })
    }

    /// The text.
    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(s) => s,
            Err(_) => "",
        }
    }

    /// Panics with the text: in a constant this is a compile error at the caller.
    #[track_caller]
    pub const fn fail(&self) -> ! {
        panic!("{}", self.as_str())
    }
}

impl Default for Text<'static> {
    fn default() -> Self {
        Text::new()
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::new().size(*self).as_str())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dims, sizes};

    #[test]
    fn numbers_and_shapes() {
        assert_eq!(Text::new().num(0).str(" ").num(usize::MAX).as_str(), format!("0 {}", usize::MAX));
        assert_eq!(Text::new().signed(-12).str(" ").signed(7).as_str(), "-12 7");
        assert_eq!(Text::new().dims(Dims::of(&sizes![Dyn, 3, 10])).to_string(), "[Dyn, 3, 10]");
        let named = |name, offset| Size::Named { name, offset };
        let text = Text::naming(&["C", "H"]).dims(Dims::of(&[named(0, 0), named(1, -2), named(1, 4), named(2, 0)]));
        assert_eq!(text.as_str(), "[C, H - 2, H + 4, _]");
        assert_eq!(Text::new().dims(Dims::new(&[])).to_string(), "[]");
        assert_eq!(Text::new().count(1, "axis", "axes").str(", ").count(0, "axis", "axes").as_str(), "1 axis, 0 axes");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        for shift in 0..4 {
            let text = Text::new().str(&"x".repeat(shift)).str(&"日本".repeat(200)).str("more");
            assert!(text.as_str().ends_with(ELLIPSIS), "{text}");
            assert!(text.as_str().len() <= CAPACITY);
        }
        let text = Text::new().str(&"x".repeat(CAPACITY - ELLIPSIS.len()));
        assert!(!text.as_str().contains(ELLIPSIS));
    }
}
