//! Rules for elements that move: what an axis gets or loses at its ends, parts and copies of it, matrices and their diagonals.

use crate::{Dims, Mistake, Size, agree, known_size, reshape, sum};

/// What an axis is padded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// A number.
    Constant,
    /// The elements behind the first one, and those before the last one, backwards.
    Reflect,
    /// The first and the last element, again and again.
    Replicate,
    /// The elements at the other end.
    Circular,
}

/// An axis that gets `begin` elements at its start and `end` at its end. Of negative numbers it loses as many; the rest is
/// then padded.
pub const fn filled(size: Size, [begin, end]: [isize; 2], fill: Fill) -> Result<Size, Mistake> {
    let Size::Known(size) = size else { return Ok(Size::Dyn) };
    let (less, more) = ([lost(begin), lost(end)], [gained(begin), gained(end)]);
    let Some(kept) = size.checked_sub(less[0].saturating_add(less[1])) else {
        return Err(Mistake::Shrink { size, begin: less[0], end: less[1] });
    };
    let most = if more[0] > more[1] { more[0] } else { more[1] };
    match fill {
        Fill::Reflect if most > 0 && most >= kept => Err(Mistake::Reflect { size: kept, begin: more[0], end: more[1] }),
        Fill::Circular if most > kept => Err(Mistake::Circular { size: kept, begin: more[0], end: more[1] }),
        Fill::Replicate if most > 0 && kept == 0 => Err(Mistake::Replicate),
        _ => match sum(kept, more[0]) {
            Ok(with) => match sum(with, more[1]) {
                Ok(all) => known_size(all),
                Err(e) => Err(e),
            },
            Err(e) => Err(e),
        },
    }
}

/// A size with so many of its elements, reflected, at its begin and at its end.
pub const fn reflected(n: Size, padding: usize) -> Result<Size, Mistake> {
    match n {
        Size::Known(_) => filled(n, [padding.cast_signed(); 2], Fill::Reflect),
        n => crate::padded(n, padding),
    }
}

const fn lost(n: isize) -> usize {
    if n < 0 { n.unsigned_abs() } else { 0 }
}

const fn gained(n: isize) -> usize {
    if n > 0 { n as usize } else { 0 }
}

/// A tensor laid beside itself so often along each axis.
pub const fn repeat(x: Dims, counts: Dims) -> Result<Dims, Mistake> {
    if x.rank != counts.rank {
        return Err(Mistake::Repeat { axes: x.rank, counts: counts.rank });
    }
    let (mut out, mut i) = (x, 0);
    while i < x.rank {
        out.d[i] = match (x.d[i], counts.d[i]) {
            (_, Size::Known(0)) => return Err(Mistake::Zero),
            (Size::Known(n), Size::Known(times)) => match crate::product(n, times) {
                Ok(n) => match known_size(n) {
                    Ok(n) => n,
                    Err(e) => return Err(e),
                },
                Err(e) => return Err(e),
            },
            _ => Size::Dyn,
        };
        i += 1;
    }
    Ok(out)
}

/// The diagonal of a matrix that lies `offset` columns to the right of the main one: how many elements it has.
pub const fn diagonal(rows: Size, columns: Size, offset: isize) -> Size {
    match (rows, columns) {
        (Size::Known(rows), Size::Known(columns)) => {
            let (rows, columns) = (rows.saturating_sub(lost(offset)), columns.saturating_sub(gained(offset)));
            Size::Known(if rows < columns { rows } else { columns })
        }
        _ => Size::Dyn,
    }
}

/// An axis that is cut into parts of these sizes, which together are all of it.
pub const fn split(size: Size, parts: &[usize]) -> Result<(), Mistake> {
    let (mut all, mut i) = (0, 0);
    while i < parts.len() {
        match sum(all, parts[i]) {
            Ok(n) => all = n,
            Err(e) => return Err(e),
        }
        i += 1;
    }
    match size {
        Size::Known(size) if size != all => Err(Mistake::Split { size, parts: all }),
        _ => Ok(()),
    }
}

/// `x` with several axes, of the sizes `to`, in place of one.
pub const fn unflatten_axis(x: Dims, at: usize, to: Dims) -> Result<Dims, Mistake> {
    let rank = x.rank + to.rank - 1;
    if rank > crate::MAX_RANK {
        return Err(Mistake::Rank { rank });
    }
    match reshape(Dims::of(&[x.d[at]]), to) {
        Ok(to) => {
            let (mut out, mut i) = (x.range(0, at), 0);
            while i < to.rank {
                out = out.push(to.d[i]);
                i += 1;
            }
            i = at + 1;
            while i < x.rank {
                out = out.push(x.d[i]);
                i += 1;
            }
            Ok(out)
        }
        Err(e) => Err(e),
    }
}

/// `x` with the axes from `first` to `last` as one.
pub const fn flatten_axes(x: Dims, first: usize, last: usize) -> Result<Dims, Mistake> {
    if first > last || last >= x.rank {
        return Err(Mistake::AxesInOrder { first, last });
    }
    let middle = x.range(first, last + 1);
    let size = if first == last {
        middle.d[0]
    } else if middle.is_open() {
        Size::Dyn
    } else {
        match middle.len() {
            Some(n) => match known_size(n) {
                Ok(size) => size,
                Err(e) => return Err(e),
            },
            None => return Err(Mistake::TooManyDigits),
        }
    };
    let (mut out, mut i) = (x.range(0, first).push(size), last + 1);
    while i < x.rank {
        out = out.push(x.d[i]);
        i += 1;
    }
    Ok(out)
}

/// Columns of elements under a window, a column for each of its places, that become images again: how many channels these
/// have.
pub const fn folded(rows: Size, columns: Size, under: usize, places: usize) -> Result<Size, Mistake> {
    if agree(columns, Size::Known(places)).is_none() {
        return Err(Mistake::Places { columns, places });
    }
    match rows {
        _ if under == 0 => Err(Mistake::ZeroWindow),
        Size::Known(rows) if rows.is_multiple_of(under) => Ok(Size::Known(rows / under)),
        Size::Known(rows) => Err(Mistake::Under { rows, under }),
        _ => Ok(Size::Dyn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizes;

    #[test]
    fn ends() {
        let of = |n: usize, ends, fill| filled(Size::Known(n), ends, fill);
        assert_eq!(of(3, [1, 2], Fill::Constant), Ok(Size::Known(6)));
        assert_eq!(of(3, [-1, 2], Fill::Constant), Ok(Size::Known(4)));
        assert_eq!(of(3, [-1, -2], Fill::Reflect), Ok(Size::Known(0)));
        assert_eq!(of(3, [-2, -2], Fill::Circular), Err(Mistake::Shrink { size: 3, begin: 2, end: 2 }));
        assert!(of(3, [isize::MIN, -2], Fill::Constant).is_err());
        assert_eq!(of(3, [2, 0], Fill::Reflect), Ok(Size::Known(5)));
        assert_eq!(of(3, [0, 3], Fill::Reflect), Err(Mistake::Reflect { size: 3, begin: 0, end: 3 }));
        assert_eq!(of(3, [-1, 2], Fill::Reflect), Err(Mistake::Reflect { size: 2, begin: 0, end: 2 }));
        assert_eq!(of(0, [0, 0], Fill::Reflect), Ok(Size::Known(0)));
        assert_eq!(of(3, [3, 3], Fill::Circular), Ok(Size::Known(9)));
        assert_eq!(of(3, [4, 0], Fill::Circular), Err(Mistake::Circular { size: 3, begin: 4, end: 0 }));
        assert_eq!(of(1, [9, 7], Fill::Replicate), Ok(Size::Known(17)));
        assert_eq!(of(0, [1, 0], Fill::Replicate), Err(Mistake::Replicate));
        assert_eq!(of(999_999_999, [1, 0], Fill::Constant), Err(Mistake::TooManyDigits));
        assert_eq!(filled(Size::Dyn, [-9, 0], Fill::Reflect), Ok(Size::Dyn));
        assert_eq!((reflected(Size::Known(3), 2), reflected(Size::Dyn, 2)), (Ok(Size::Known(7)), Ok(Size::Dyn)));
        assert!(reflected(Size::Known(3), 3).is_err());
    }

    #[test]
    fn copies_and_parts() {
        let x = Dims::of(&sizes![Dyn, 3]);
        assert_eq!(repeat(x, Dims::new(&[2, 4])), Ok(Dims::of(&sizes![Dyn, 12])));
        assert_eq!(repeat(x, Dims::new(&[2])), Err(Mistake::Repeat { axes: 2, counts: 1 }));
        assert_eq!(repeat(x, Dims::new(&[2, 0])), Err(Mistake::Zero));
        assert_eq!(repeat(x, Dims::new(&[1, 999_999_999])), Err(Mistake::TooManyDigits));
        assert_eq!(split(Size::Known(5), &[2, 3]), Ok(()));
        assert_eq!(split(Size::Dyn, &[2, 3]), Ok(()));
        assert_eq!(split(Size::Known(5), &[2, 2]), Err(Mistake::Split { size: 5, parts: 4 }));
    }

    #[test]
    fn matrices_and_axes() {
        let of = |rows, columns, offset| diagonal(Size::Known(rows), Size::Known(columns), offset);
        assert_eq!([of(3, 4, 0), of(3, 4, 2), of(3, 4, -2), of(3, 4, 4)], [3, 2, 1, 0].map(Size::Known));
        assert_eq!(diagonal(Size::Dyn, Size::Known(3), 0), Size::Dyn);
        let x = Dims::of(&sizes![Dyn, 6, 5]);
        assert_eq!(unflatten_axis(x, 1, Dims::new(&[2, 3])), Ok(Dims::of(&sizes![Dyn, 2, 3, 5])));
        assert!(matches!(unflatten_axis(x, 1, Dims::new(&[2, 4])), Err(Mistake::Reshape { .. })));
        assert_eq!(unflatten_axis(x, 1, Dims::new(&[1, 1, 2, 3, 1])), Err(Mistake::Rank { rank: 7 }));
        assert_eq!(flatten_axes(x, 1, 2), Ok(Dims::of(&sizes![Dyn, 30])));
        assert_eq!(flatten_axes(x, 0, 1), Ok(Dims::of(&sizes![Dyn, 5])));
        assert_eq!(flatten_axes(x, 0, 0), Ok(x));
        assert_eq!(flatten_axes(x, 2, 1), Err(Mistake::AxesInOrder { first: 2, last: 1 }));
        let of = |rows, columns| folded(Size::Known(rows), Size::Known(columns), 4, 9);
        assert_eq!((of(12, 9), of(13, 9)), (Ok(Size::Known(3)), Err(Mistake::Under { rows: 13, under: 4 })));
        assert_eq!(of(12, 8), Err(Mistake::Places { columns: Size::Known(8), places: 9 }));
    }
}
