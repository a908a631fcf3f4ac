//! Rules for the axes of one shape.

use crate::{Dims, MAX_RANK, Mistake, Size, agree};

/// The place of an axis that may be counted from the end: `-1` is the last.
pub const fn axis(axis: isize, rank: usize) -> Result<usize, Mistake> {
    let place = if axis < 0 { axis + rank as isize } else { axis };
    if place >= 0 && (place as usize) < rank { Ok(place as usize) } else { Err(Mistake::NoAxis { axis, rank }) }
}

/// The place where a new axis goes: `0` in front, `-1` behind the last.
pub const fn new_axis(at: isize, rank: usize) -> Result<usize, Mistake> {
    if rank == MAX_RANK {
        return Err(Mistake::Rank { rank: rank + 1 });
    }
    match axis(at, rank + 1) {
        Ok(place) => Ok(place),
        Err(_) => Err(Mistake::NoPlace { axis: at, rank }),
    }
}

/// The places of these axes, each named once, as bits: bit `i` for axis `i`.
pub const fn axis_set(axes: &[isize], rank: usize) -> Result<u8, Mistake> {
    let (mut set, mut i) = (0, 0);
    while i < axes.len() {
        match axis(axes[i], rank) {
            Ok(place) if set & (1 << place) != 0 => {
                return Err(Mistake::RepeatedAxis { axis: place });
            }
            Ok(place) => set |= 1 << place,
            Err(e) => return Err(e),
        }
        i += 1;
    }
    Ok(set)
}

/// The shape left when the axes of `set` are gone.
pub const fn reduce(x: Dims, set: u8) -> Dims {
    let (mut out, mut i) = (Dims::SCALAR, 0);
    while i < x.rank {
        if set & (1 << i) == 0 {
            out = out.push(x.d[i]);
        }
        i += 1;
    }
    out
}

/// The shape left when the axes of `set` have shrunk to 1.
pub const fn reduce_keep(x: Dims, set: u8) -> Dims {
    let (mut out, mut i) = (x, 0);
    while i < x.rank {
        if set & (1 << i) != 0 {
            out.d[i] = Size::Known(1);
        }
        i += 1;
    }
    out
}

/// The order that `axes` gives: place `i` of the result is axis `order[i]`. Every axis must be named once.
pub const fn permutation(axes: &[isize], rank: usize) -> Result<[usize; MAX_RANK], Mistake> {
    if axes.len() != rank {
        return Err(Mistake::PermuteCount { named: axes.len(), rank });
    }
    if let Err(e) = axis_set(axes, rank) {
        return Err(e);
    }
    let (mut order, mut i) = ([0; MAX_RANK], 0);
    while i < rank {
        match axis(axes[i], rank) {
            Ok(place) => order[i] = place,
            Err(e) => return Err(e),
        }
        i += 1;
    }
    Ok(order)
}

/// The axes of `x` in another order.
pub const fn permute(x: Dims, axes: &[isize]) -> Result<Dims, Mistake> {
    match permutation(axes, x.rank) {
        Ok(order) => {
            let (mut out, mut i) = (x, 0);
            while i < x.rank {
                out.d[i] = x.d[order[i]];
                i += 1;
            }
            Ok(out)
        }
        Err(e) => Err(e),
    }
}

/// Two axes of `x` exchanged.
pub const fn swap(x: Dims, a: isize, b: isize) -> Result<Dims, Mistake> {
    match (axis(a, x.rank), axis(b, x.rank)) {
        (Ok(a), Ok(b)) => Ok(x.with(a, x.d[b]).with(b, x.d[a])),
        (Err(e), _) | (_, Err(e)) => Err(e),
    }
}

/// `x` without an axis, whose size must be 1.
pub const fn squeeze(x: Dims, at: isize) -> Result<Dims, Mistake> {
    match axis(at, x.rank) {
        Ok(place) if agree(x.d[place], Size::Known(1)).is_some() => Ok(reduce(x, 1 << place)),
        Ok(place) => Err(Mistake::Squeeze { axis: place, size: x.d[place] }),
        Err(e) => Err(e),
    }
}

/// Indices of the shape `indices` along an axis of `x`: as many axes, and beside this one no size that is larger. The result has
/// their shape.
pub const fn gather(x: Dims, axis: usize, indices: Dims) -> Result<Dims, Mistake> {
    let (mut fits, mut i) = (x.rank == indices.rank && axis < x.rank, 0);
    while fits && i < x.rank {
        if let (Size::Known(most), Size::Known(n)) = (x.d[i], indices.d[i]) {
            fits = i == axis || n <= most;
        }
        i += 1;
    }
    if fits { Ok(indices) } else { Err(Mistake::Gather { x, indices, axis: axis as u8 }) }
}

/// `x` with a new axis of size 1.
pub const fn unsqueeze(x: Dims, at: isize) -> Result<Dims, Mistake> {
    match new_axis(at, x.rank) {
        Ok(place) => {
            let (mut out, mut i) = (x.range(0, place).push(Size::Known(1)), place);
            while i < x.rank {
                out = out.push(x.d[i]);
                i += 1;
            }
            Ok(out)
        }
        Err(e) => Err(e),
    }
}

/// `x` as a batch of flat samples: axis 0 stays, the others are multiplied.
pub const fn flatten(x: Dims) -> Result<Dims, Mistake> {
    if x.rank < 2 {
        return Err(Mistake::Flatten { input: x });
    }
    let n = if x.rank == 2 {
        x.d[1]
    } else if x.sample().is_open() {
        Size::Dyn
    } else {
        match x.sample().len() {
            Some(n) if n <= crate::MAX_SIZE => Size::Known(n),
            _ => return Err(Mistake::TooManyDigits),
        }
    };
    Ok(Dims::of(&[x.d[0], n]))
}

/// The elements of `x`, in row-major order, as the shape `to`. One size of `to` may be [`Dyn`](Size::Dyn): it follows
/// from the rest.
///
/// With several, those but the last must stand where `x` has an axis in front of all that differs, and keep its size:
/// `[2, 5, 64]` becomes `[Dyn, Dyn, 8, 8]` by splitting its last axis.
///
/// With a `Dyn` in `x` the answer may have some too; the rule is then asked again with the sizes of the run.
pub const fn reshape(x: Dims, to: Dims) -> Result<Dims, Mistake> {
    let hole = last_hole(to, to.rank);
    let kept = match hole {
        Some(at) => match last_hole(to, at) {
            Some(other) => other + 1,
            None => 0,
        },
        None => 0,
    };
    let (mut out, mut known, mut i) = (to, 1usize, 0);
    while i < to.rank {
        if i < kept {
            match if i < x.rank { agree(x.d[i], to.d[i]) } else { None } {
                Some(n) => out.d[i] = n,
                None => return Err(Mistake::ReshapeHoles { to }),
            }
        }
        match known.checked_mul(out.d[i].or(1)) {
            Some(n) => known = n,
            None => return Err(Mistake::TooManyDigits),
        }
        i += 1;
    }
    if x.is_open() {
        return Ok(out);
    }
    match (x.len(), hole) {
        (None, _) => Err(Mistake::TooManyDigits),
        (Some(len), None) if known == len => Ok(out),
        (Some(_), None) => Err(Mistake::Reshape { from: x, to }),
        // Of no elements any size could be meant: 0 is what keeps their number.
        (Some(0), Some(at)) if known == 0 => Ok(out.with(at, Size::Known(0))),
        (Some(len), Some(at)) if known != 0 && len % known == 0 => Ok(out.with(at, Size::Known(len / known))),
        (Some(_), Some(_)) => Err(Mistake::ReshapeDivide { from: x, to: out }),
    }
}

/// The last open size among the first `end`.
const fn last_hole(x: Dims, end: usize) -> Option<usize> {
    let mut i = end;
    while i > 0 {
        i -= 1;
        if x.d[i].is_dyn() {
            return Some(i);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizes;

    fn dims(sizes: &[usize]) -> Dims {
        Dims::new(sizes)
    }

    #[test]
    fn axes_count_from_both_ends() {
        assert_eq!((axis(0, 2), axis(-1, 2), axis(-2, 2)), (Ok(0), Ok(1), Ok(0)));
        assert_eq!(axis(2, 2), Err(Mistake::NoAxis { axis: 2, rank: 2 }));
        assert_eq!(axis(-3, 2), Err(Mistake::NoAxis { axis: -3, rank: 2 }));
        assert_eq!((new_axis(0, 2), new_axis(2, 2), new_axis(-1, 2), new_axis(-3, 2)), (Ok(0), Ok(2), Ok(2), Ok(0)));
        assert_eq!(new_axis(3, 2), Err(Mistake::NoPlace { axis: 3, rank: 2 }));
        assert_eq!(new_axis(0, 6), Err(Mistake::Rank { rank: 7 }));
        assert_eq!(axis_set(&[0, -1], 3), Ok(0b101));
        assert_eq!(axis_set(&[1, -2], 3), Err(Mistake::RepeatedAxis { axis: 1 }));
    }

    #[test]
    fn reductions_and_orders() {
        let x = dims(&[2, 3, 4]);
        assert_eq!((reduce(x, 0b101), reduce_keep(x, 0b101)), (dims(&[3]), dims(&[1, 3, 1])));
        assert_eq!((reduce(x, 0b111), reduce(x, 0)), (Dims::SCALAR, x));
        assert_eq!(permute(x, &[2, 0, 1]), Ok(dims(&[4, 2, 3])));
        assert_eq!(permute(x, &[2, 0]), Err(Mistake::PermuteCount { named: 2, rank: 3 }));
        assert_eq!(permute(x, &[2, 0, -1]), Err(Mistake::RepeatedAxis { axis: 2 }));
        assert_eq!(swap(x, 0, -1), Ok(dims(&[4, 3, 2])));
        assert_eq!(swap(x, 0, 3), Err(Mistake::NoAxis { axis: 3, rank: 3 }));
        assert_eq!(squeeze(dims(&[2, 1, 3]), 1), Ok(dims(&[2, 3])));
        assert_eq!(squeeze(x, 1), Err(Mistake::Squeeze { axis: 1, size: Size::Known(3) }));
        assert_eq!((unsqueeze(x, 0), unsqueeze(x, -1)), (Ok(dims(&[1, 2, 3, 4])), Ok(dims(&[2, 3, 4, 1]))));
        let indices = Dims::of(&sizes![1, 9, Dyn]);
        assert_eq!(gather(x, 1, indices), Ok(indices));
        for wrong in [dims(&[3, 3, 4]), dims(&[2, 3, 5]), dims(&[2, 3])] {
            assert_eq!(gather(x, 1, wrong), Err(Mistake::Gather { x, indices: wrong, axis: 1 }));
        }
        assert_eq!(flatten(Dims::of(&sizes![Dyn, 64, 12, 12])), Ok(Dims::of(&sizes![Dyn, 9216])));
        assert_eq!(flatten(Dims::of(&sizes![2, 3, Dyn])), Ok(Dims::of(&sizes![2, Dyn])));
        assert!(flatten(dims(&[2])).is_err());
        assert_eq!(flatten(dims(&[2, 100_000, 100_000])), Err(Mistake::TooManyDigits));
    }

    #[test]
    fn reshaping_keeps_the_elements() {
        let x = dims(&[2, 3, 4]);
        assert_eq!(reshape(x, dims(&[6, 4])), Ok(dims(&[6, 4])));
        assert_eq!(reshape(x, Dims::of(&sizes![Dyn, 4])), Ok(dims(&[6, 4])));
        assert_eq!(reshape(x, dims(&[5, 4])), Err(Mistake::Reshape { from: x, to: dims(&[5, 4]) }));
        let to = Dims::of(&sizes![5, Dyn]);
        assert_eq!(reshape(x, to), Err(Mistake::ReshapeDivide { from: x, to }));
        assert_eq!(reshape(Dims::of(&sizes![Dyn, 4]), Dims::of(&sizes![2, Dyn])), Ok(Dims::of(&sizes![2, Dyn])));
        assert_eq!(reshape(x, Dims::of(&sizes![Dyn, Dyn])), Ok(dims(&[2, 12])));
        assert_eq!(reshape(x, Dims::of(&sizes![Dyn, 3, Dyn])), Ok(x));
        assert_eq!(reshape(x, Dims::of(&sizes![Dyn, Dyn, 2, 2])), Ok(dims(&[2, 3, 2, 2])));
        assert_eq!(
            reshape(Dims::of(&sizes![Dyn, Dyn, 4]), Dims::of(&sizes![Dyn, Dyn, 2, 2])),
            Ok(Dims::of(&sizes![Dyn, Dyn, 2, 2]))
        );
        assert_eq!(reshape(x, Dims::of(&sizes![Dyn, 4, Dyn])), Ok(dims(&[2, 4, 3])));
        let to = Dims::of(&sizes![4, Dyn, Dyn]);
        assert_eq!(reshape(x, to), Err(Mistake::ReshapeHoles { to }));
        assert_eq!(reshape(dims(&[0, 3]), Dims::of(&sizes![Dyn, 0])), Ok(dims(&[0, 0])));
        assert_eq!(reshape(Dims::SCALAR, dims(&[1, 1])), Ok(dims(&[1, 1])));
    }
}
