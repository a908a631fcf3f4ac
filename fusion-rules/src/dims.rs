//! A shape as a plain value.

use core::fmt;

use crate::{MAX_RANK, Size, Text};

/// A shape: the sizes of up to [`MAX_RANK`] axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dims {
    /// How many axes there are.
    pub rank: usize,
    /// Their sizes; the places after `rank` hold 0.
    pub d: [Size; MAX_RANK],
}

impl Dims {
    /// The shape of a single number.
    pub const SCALAR: Dims = Dims { rank: 0, d: [Size::Known(0); MAX_RANK] };

    /// The shape with these numbers as sizes; panics if there are more than [`MAX_RANK`].
    #[track_caller]
    pub const fn new(numbers: &[usize]) -> Dims {
        let (mut dims, mut i) = (Dims::SCALAR, 0);
        while i < numbers.len() {
            dims = dims.push(Size::Known(numbers[i]));
            i += 1;
        }
        dims
    }

    /// The shape with these sizes; panics if there are more than [`MAX_RANK`].
    #[track_caller]
    pub const fn of(sizes: &[Size]) -> Dims {
        let (mut dims, mut i) = (Dims::SCALAR, 0);
        while i < sizes.len() {
            dims = dims.push(sizes[i]);
            i += 1;
        }
        dims
    }

    /// The sizes of the axes that there are.
    pub const fn as_slice(&self) -> &[Size] {
        self.d.split_at(self.rank).0
    }

    /// The size of the last axis; 1 where there is none.
    pub const fn last(self) -> Size {
        if self.rank == 0 { Size::Known(1) } else { self.d[self.rank - 1] }
    }

    /// This shape with another size at `axis`.
    pub const fn with(mut self, axis: usize, size: Size) -> Dims {
        assert!(axis < self.rank, "no such axis");
        self.d[axis] = size;
        self
    }

    /// This shape with another size at its last axis.
    pub const fn with_last(self, size: Size) -> Dims {
        self.with(self.rank - 1, size)
    }

    /// This shape with one more axis behind the others.
    #[track_caller]
    pub const fn push(mut self, size: Size) -> Dims {
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

    /// How many elements there are; `None` where a size is no number or there are too many for a `usize`.
    pub const fn len(self) -> Option<usize> {
        let (mut product, mut zero, mut i) = (Some(1usize), false, 0);
        while i < self.rank {
            let Size::Known(n) = self.d[i] else { return None };
            // A zero makes any overflow harmless.
            zero |= n == 0;
            product = match product {
                Some(product) => product.checked_mul(n),
                None => None,
            };
            i += 1;
        }
        if zero { Some(0) } else { product }
    }

    /// Whether a tensor can have so many elements, as far as they are known: [`MAX_ELEMENTS`](crate::MAX_ELEMENTS).
    pub const fn is_tensor(self) -> bool {
        self.is_empty() || self.known() <= crate::MAX_ELEMENTS
    }

    /// The product of the sizes that are known.
    pub(crate) const fn known(self) -> usize {
        let (mut n, mut i): (usize, usize) = (1, 0);
        while i < self.rank {
            n = n.saturating_mul(self.d[i].or(1));
            i += 1;
        }
        n
    }

    /// Whether there are no elements.
    pub const fn is_empty(self) -> bool {
        matches!(self.len(), Some(0))
    }

    /// Whether a size is no number: known at run time only, or as a name.
    pub const fn is_open(self) -> bool {
        let mut i = 0;
        while i < self.rank {
            if self.d[i].number().is_none() {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Whether nothing is known of a size.
    pub const fn has_dyn(self) -> bool {
        let mut i = 0;
        while i < self.rank {
            if self.d[i].is_dyn() {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Whether both are one shape, whatever the sizes are that are not known.
    pub const fn is(self, other: Dims) -> bool {
        let (mut same, mut i) = (self.rank == other.rank, 0);
        while i < self.rank && same {
            same = self.d[i].is(other.d[i]);
            i += 1;
        }
        same
    }
}

impl Text<'_> {
    /// Adds a shape, such as `[Dyn, 3, 32, 32]`.
    pub const fn dims(self, dims: Dims) -> Self {
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
    use crate::sizes;

    #[test]
    fn parts_and_counts() {
        let x = Dims::of(&sizes![Dyn, 3, 4]);
        assert_eq!((x.last(), x.len(), x.is_open()), (Size::Known(4), None, true));
        assert_eq!(x.sample(), Dims::new(&[3, 4]));
        assert_eq!(x.sample().len(), Some(12));
        assert_eq!(x.with_last(Size::Known(9)).with(0, Size::Known(2)), Dims::new(&[2, 3, 9]));
        assert_eq!(x.range(1, 2).push(Size::Known(7)), Dims::new(&[3, 7]));
        assert_eq!(
            (Dims::SCALAR.len(), Dims::SCALAR.last(), Dims::SCALAR.sample()),
            (Some(1), Size::Known(1), Dims::SCALAR)
        );
        assert_eq!(Dims::new(&[usize::MAX - 1, 2]).len(), None);
        assert_eq!(Dims::new(&[usize::MAX - 1, 2, 0]).len(), Some(0));
        assert!(Dims::new(&[2, 0]).is_empty() && !x.is_empty());
    }
}
