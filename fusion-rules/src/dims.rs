//! A shape as a plain value.

use core::fmt;

use crate::{DYN, MAX_RANK, Text};

/// A shape: the sizes of up to [`MAX_RANK`] axes, each a number or [`DYN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dims {
    /// How many axes there are.
    pub rank: usize,
    /// Their sizes; the places after `rank` hold 0.
    pub d: [usize; MAX_RANK],
}

impl Dims {
    /// The shape of a single number.
    pub const SCALAR: Dims = Dims { rank: 0, d: [0; MAX_RANK] };

    /// The shape with these sizes; panics if there are more than [`MAX_RANK`].
    #[track_caller]
    pub const fn new(sizes: &[usize]) -> Dims {
        assert!(sizes.len() <= MAX_RANK, "a tensor has at most 6 axes");
        let mut dims = Dims::SCALAR;
        dims.rank = sizes.len();
        let mut i = 0;
        while i < sizes.len() {
            dims.d[i] = sizes[i];
            i += 1;
        }
        dims
    }

    /// The sizes of the axes that there are.
    pub const fn as_slice(&self) -> &[usize] {
        self.d.split_at(self.rank).0
    }

    /// The size of the last axis; 1 where there is none.
    pub const fn last(self) -> usize {
        if self.rank == 0 { 1 } else { self.d[self.rank - 1] }
    }

    /// This shape with another size at `axis`.
    pub const fn with(mut self, axis: usize, size: usize) -> Dims {
        assert!(axis < self.rank, "no such axis");
        self.d[axis] = size;
        self
    }

    /// This shape with another size at its last axis.
    pub const fn with_last(self, size: usize) -> Dims {
        self.with(self.rank - 1, size)
    }

    /// This shape with one more axis behind the others.
    #[track_caller]
    pub const fn push(mut self, size: usize) -> Dims {
        assert!(self.rank < MAX_RANK, "a tensor has at most 6 axes");
        self.d[self.rank] = size;
        self.rank += 1;
        self
    }

    /// The axes `from..to` alone.
    pub const fn range(self, from: usize, to: usize) -> Dims {
        let mut dims = Dims::SCALAR;
        let mut i = from;
        while i < to {
            dims = dims.push(self.d[i]);
            i += 1;
        }
        dims
    }

    /// The shape of one sample: without axis 0, the batch.
    pub const fn sample(self) -> Dims {
        if self.rank == 0 { self } else { self.range(1, self.rank) }
    }

    /// How many elements there are; `None` where a size is [`DYN`] or the number is too large for a `usize`.
    pub const fn len(self) -> Option<usize> {
        let (mut n, mut i): (usize, usize) = (1, 0);
        // A zero makes any other overflow harmless, so it is looked for first.
        let (mut zero, mut dynamic) = (false, false);
        while i < self.rank {
            zero |= self.d[i] == 0;
            dynamic |= self.d[i] == DYN;
            i += 1;
        }
        if dynamic {
            return None;
        }
        if zero {
            return Some(0);
        }
        i = 0;
        while i < self.rank {
            match n.checked_mul(self.d[i]) {
                Some(m) => n = m,
                None => return None,
            }
            i += 1;
        }
        Some(n)
    }

    /// Whether a tensor can have so many elements, as far as they are known: [`MAX_ELEMENTS`](crate::MAX_ELEMENTS).
    pub const fn is_tensor(self) -> bool {
        self.is_empty() || self.known() <= crate::MAX_ELEMENTS
    }

    /// The product of the sizes that are known.
    pub(crate) const fn known(self) -> usize {
        let (mut n, mut i): (usize, usize) = (1, 0);
        while i < self.rank {
            if self.d[i] != DYN {
                n = n.saturating_mul(self.d[i]);
            }
            i += 1;
        }
        n
    }

    /// Whether there are no elements.
    pub const fn is_empty(self) -> bool {
        matches!(self.len(), Some(0))
    }

    /// Whether a size is known at run time only.
    pub const fn has_dyn(self) -> bool {
        let mut i = 0;
        while i < self.rank {
            if self.d[i] == DYN {
                return true;
            }
            i += 1;
        }
        false
    }
}

impl Text {
    /// Adds a shape, such as `[Dyn, 3, 32, 32]`.
    pub const fn dims(self, dims: Dims) -> Text {
        let mut text = self.str("[");
        let mut i = 0;
        while i < dims.rank {
            if i > 0 {
                text = text.str(", ");
            }
            text = text.size(dims.d[i]);
            i += 1;
        }
        text.str("]")
    }
}

impl fmt::Display for Dims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::new().dims(*self).as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_counts() {
        let x = Dims::new(&[DYN, 3, 4]);
        assert_eq!((x.last(), x.len(), x.has_dyn()), (4, None, true));
        assert_eq!(x.sample(), Dims::new(&[3, 4]));
        assert_eq!(x.sample().len(), Some(12));
        assert_eq!(x.with_last(9).with(0, 2).as_slice(), [2, 3, 9]);
        assert_eq!(x.range(1, 2).push(7), Dims::new(&[3, 7]));
        assert_eq!((Dims::SCALAR.len(), Dims::SCALAR.last(), Dims::SCALAR.sample()), (Some(1), 1, Dims::SCALAR));
        assert_eq!(Dims::new(&[usize::MAX - 1, 2]).len(), None);
        assert_eq!(Dims::new(&[usize::MAX - 1, 2, 0]).len(), Some(0));
        assert!(Dims::new(&[2, 0]).is_empty() && !x.is_empty());
    }
}
