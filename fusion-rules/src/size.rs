//! What is known of a size.

/// What stands where a size is asked for: in a shape the first three, among a layer's arguments all of them.
///
/// ```
/// use fusion_rules::{Size, agree};
///
/// assert_eq!(agree(Size::Known(3), Size::Dyn), Some(Size::Known(3)));
/// assert_eq!((Size::Known(3).to_string(), Size::Dyn.number()), ("3".to_owned(), None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// So many elements.
    Known(usize),
    /// A size that only the run knows, or that nothing more is known of: it agrees with every other.
    Dyn,
    /// A size with a name and a number that is added to it: what a window of 3 leaves of `H` is `H - 2`. The name is
    /// its place in a list of [`names`](crate::At::names); no two names are equal.
    Named {
        /// The place of the name.
        name: u32,
        /// What is added to the size of that name.
        offset: i32,
    },
    /// The argument `_`: the size that fits.
    Hole,
    /// The padding that keeps the size of an axis: PyTorch's `padding='same'`.
    Same,
}

impl Size {
    /// The number, where there is one.
    pub const fn number(self) -> Option<usize> {
        if let Size::Known(n) = self { Some(n) } else { None }
    }

    /// The number, or `otherwise`.
    pub const fn or(self, otherwise: usize) -> usize {
        if let Size::Known(n) = self { n } else { otherwise }
    }

    /// The size that a dimension states: `None` is one of the run.
    pub const fn of(stated: Option<usize>) -> Size {
        match stated {
            Some(n) => Size::Known(n),
            None => Size::Dyn,
        }
    }

    /// Whether both are one size, whatever that is.
    pub const fn is(self, other: Size) -> bool {
        match (self, other) {
            (Size::Known(a), Size::Known(b)) => a == b,
            (Size::Named { name, offset }, Size::Named { name: other, offset: more }) => {
                name == other && offset == more
            }
            (Size::Dyn, Size::Dyn) | (Size::Hole, Size::Hole) | (Size::Same, Size::Same) => true,
            _ => false,
        }
    }

    /// Whether nothing is known of it, not even a name.
    pub const fn is_dyn(self) -> bool {
        matches!(self, Size::Dyn)
    }

    /// Whether it is this number.
    pub const fn is_number(self, n: usize) -> bool {
        self.is(Size::Known(n))
    }

    /// This size and so many more, if that is a size. Of one with a name nothing says that it is not.
    pub const fn plus(self, more: isize) -> Option<Size> {
        match self {
            Size::Known(n) => match n.checked_add_signed(more) {
                Some(n) => Some(Size::Known(n)),
                None => None,
            },
            Size::Named { name, offset } => {
                let sum = offset as i64 + more as i64;
                // What is so far from its name is a mistake elsewhere.
                let near = i32::MIN as i64 <= sum && sum <= i32::MAX as i64;
                Some(if near { Size::Named { name, offset: sum as i32 } } else { Size::Dyn })
            }
            size => Some(size),
        }
    }

    /// By how much it is larger than another, where that is known.
    pub const fn minus(self, other: Size) -> Option<isize> {
        match (self, other) {
            (Size::Known(a), Size::Known(b)) => Some((a as isize).wrapping_sub(b as isize)),
            (Size::Named { name, offset }, Size::Named { name: other, offset: less }) if name == other => {
                Some(offset as isize - less as isize)
            }
            _ => None,
        }
    }
}

/// A list of sizes: numbers, `Dyn`, and among a layer's arguments `_` and `Same`.
///
/// ```
/// use fusion_rules::{Dims, Size, sizes};
///
/// assert_eq!(sizes![_, 3, Dyn], [Size::Hole, Size::Known(3), Size::Dyn]);
/// assert_eq!(Dims::of(&sizes![Dyn, 3]).to_string(), "[Dyn, 3]");
/// ```
#[macro_export]
macro_rules! sizes {
    ($($size:tt),* $(,)?) => { [$($crate::one_size!($size)),*] };
}

/// One size of [`sizes!`](crate::sizes).
#[doc(hidden)]
#[macro_export]
macro_rules! one_size {
    (_) => {
        $crate::Size::Hole
    };
    (Dyn) => {
        $crate::Size::Dyn
    };
    (Same) => {
        $crate::Size::Same
    };
    ($n:expr) => {
        $crate::Size::Known($n)
    };
}
