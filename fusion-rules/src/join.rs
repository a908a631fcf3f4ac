//! Rules for two shapes that meet.

use crate::{Dims, MAX_RANK, Mistake, Size, known_size, sum};

/// The size that both can be: equal sizes, or what is known of the two where one is [`Dyn`](Size::Dyn).
pub const fn agree(a: Size, b: Size) -> Option<Size> {
    match (a, b) {
        (a, Size::Dyn) => Some(a),
        (Size::Dyn, b) => Some(b),
        _ if a.is(b) => Some(a),
        _ => None,
    }
}

/// The shape that both tensors have.
pub const fn same_shape(left: Dims, right: Dims) -> Result<Dims, Mistake> {
    let mistake = Mistake::SameShape { left, right };
    if left.rank != right.rank {
        return Err(mistake);
    }
    let (mut out, mut i) = (left, 0);
    while i < left.rank {
        match agree(left.d[i], right.d[i]) {
            Some(n) => out.d[i] = n,
            None => return Err(mistake),
        }
        i += 1;
    }
    Ok(out)
}

/// NumPy's broadcasting: shapes are aligned at their last axes, and a size 1 stretches to the other's size.
pub const fn broadcast(left: Dims, right: Dims) -> Result<Dims, Mistake> {
    let rank = if left.rank > right.rank { left.rank } else { right.rank };
    let mut out = Dims::SCALAR;
    let mut i = 0;
    while i < rank {
        // An axis that only one of the two has is as if it were 1 in the other.
        let a = if i + left.rank >= rank { left.d[i + left.rank - rank] } else { Size::Known(1) };
        let b = if i + right.rank >= rank { right.d[i + right.rank - rank] } else { Size::Known(1) };
        out = out.push(match (a, b) {
            (Size::Known(1), n) | (n, Size::Known(1)) => n,
            _ => match agree(a, b) {
                Some(n) => n,
                None => return Err(Mistake::Broadcast { left, right }),
            },
        });
        i += 1;
    }
    Ok(out)
}

/// Two shapes that broadcast, where both call some axes by one name: bit `i` of `names` is set for the axis `i` from the
/// end. Such sizes are equal: not even 1 stretches.
pub const fn same_names(left: Dims, right: Dims, names: u8) -> Result<(), Mistake> {
    let mut i = 0;
    while i < left.rank && i < right.rank {
        let (a, b) = (left.d[left.rank - 1 - i], right.d[right.rank - 1 - i]);
        if names & (1 << i) != 0 && agree(a, b).is_none() {
            return Err(Mistake::Names { left, right, from_end: i as u8 });
        }
        i += 1;
    }
    Ok(())
}

/// `x` stretched to the shape `to`: sizes 1 grow, new axes come in front. A [`Dyn`](Size::Dyn) in `to` keeps the size there is, so
/// a new axis needs a known one.
pub const fn broadcast_to(x: Dims, to: Dims) -> Result<Dims, Mistake> {
    let mistake = Mistake::BroadcastTo { from: x, to };
    if x.rank > to.rank {
        return Err(mistake);
    }
    let (mut out, new) = (to, to.rank - x.rank);
    let mut i = 0;
    while i < to.rank {
        if i < new {
            if to.d[i].is_dyn() {
                return Err(mistake);
            }
        } else if to.d[i].is_dyn() {
            out.d[i] = x.d[i - new];
        } else if !x.d[i - new].is_number(1) && agree(x.d[i - new], to.d[i]).is_none() {
            return Err(mistake);
        }
        i += 1;
    }
    Ok(out)
}

/// The shape of `x` when some of its sizes are forgotten: each axis stays as it is or becomes [`Dyn`](Size::Dyn).
pub const fn widen(x: Dims, to: Dims) -> Result<Dims, Mistake> {
    let mistake = Mistake::Widen { from: x, to };
    if x.rank != to.rank {
        return Err(mistake);
    }
    let mut i = 0;
    while i < x.rank {
        if !x.d[i].is(to.d[i]) && !to.d[i].is_dyn() {
            return Err(mistake);
        }
        i += 1;
    }
    Ok(to)
}

/// The matrix product: `[m, k]` with `[k, n]` gives `[m, n]`.
///
/// A vector counts as one row on the left and as one column on the right, and its axis is gone from the result. Axes in
/// front of a matrix are a batch; those of the two sides broadcast.
pub const fn matmul(left: Dims, right: Dims) -> Result<Dims, Mistake> {
    if left.rank == 0 || right.rank == 0 {
        return Err(Mistake::MatMulRanks { left, right });
    }
    let (inner, rows) = (left.last(), right.d[if right.rank == 1 { 0 } else { right.rank - 2 }]);
    if agree(inner, rows).is_none() {
        return Err(Mistake::MatMul { left: inner, right: rows });
    }
    let Ok(mut out) = broadcast(batch(left), batch(right)) else { return Err(Mistake::MatMulBatch { left, right }) };
    if left.rank > 1 {
        out = out.push(left.d[left.rank - 2]);
    }
    if right.rank > 1 {
        out = out.push(right.last());
    }
    Ok(out)
}

/// The axes in front of a matrix.
const fn batch(x: Dims) -> Dims {
    x.range(0, x.rank.saturating_sub(2))
}

/// Two tensors one behind the other along `axis`: their sizes there are added, all others are equal.
pub const fn concat(left: Dims, right: Dims, axis: usize) -> Result<Dims, Mistake> {
    if axis >= left.rank {
        return Err(Mistake::NoAxis { axis: axis as isize, rank: left.rank });
    }
    let mistake = Mistake::Concat { left, right, axis: axis as u8 };
    if left.rank != right.rank {
        return Err(mistake);
    }
    let (mut out, mut i) = (left, 0);
    while i < left.rank {
        out.d[i] = if i == axis {
            match plus(left.d[i], right.d[i]) {
                Ok(n) => n,
                Err(e) => return Err(e),
            }
        } else {
            match agree(left.d[i], right.d[i]) {
                Some(n) => n,
                None => return Err(mistake),
            }
        };
        i += 1;
    }
    Ok(out)
}

/// Two branches joined along their channels, axis 1.
pub const fn join(left: Dims, right: Dims) -> Result<Dims, Mistake> {
    if left.rank < 2 || right.rank < 2 {
        return Err(Mistake::NoChannels { input: if left.rank < 2 { left } else { right } });
    }
    concat(left, right, 1)
}

/// The sum of two sizes.
pub const fn plus(a: Size, b: Size) -> Result<Size, Mistake> {
    let (Size::Known(a), Size::Known(b)) = (a, b) else { return Ok(Size::Dyn) };
    match sum(a, b) {
        Ok(n) => known_size(n),
        Err(e) => Err(e),
    }
}

const _: () = assert!(MAX_RANK == 6);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizes;

    fn dims(sizes: &[Size]) -> Dims {
        Dims::of(sizes)
    }

    #[test]
    fn broadcasting_is_numpys() {
        for (a, b, out) in [
            (&sizes![2, 3][..], &sizes![2, 3][..], &sizes![2, 3][..]),
            (&sizes![2, 3], &sizes![3], &sizes![2, 3]),
            (&sizes![], &sizes![4], &sizes![4]),
            (&sizes![8, 1, 6, 1], &sizes![7, 1, 5], &sizes![8, 7, 6, 5]),
            (&sizes![Dyn, 3], &sizes![1, 3], &sizes![Dyn, 3]),
            (&sizes![Dyn, 3], &sizes![5, 3], &sizes![5, 3]),
            (&sizes![0], &sizes![1], &sizes![0]),
        ] {
            assert_eq!(broadcast(dims(a), dims(b)), Ok(dims(out)));
            assert_eq!(broadcast(dims(b), dims(a)), Ok(dims(out)));
        }
        assert!(broadcast(dims(&sizes![2, 3]), dims(&sizes![2])).is_err());
        assert!(broadcast(dims(&sizes![0]), dims(&sizes![2])).is_err());
    }

    #[test]
    fn stretching_is_one_way() {
        assert_eq!(broadcast_to(dims(&sizes![3]), dims(&sizes![2, 3])), Ok(dims(&sizes![2, 3])));
        assert_eq!(broadcast_to(dims(&sizes![1, 3]), dims(&sizes![2, 3])), Ok(dims(&sizes![2, 3])));
        assert_eq!(broadcast_to(dims(&sizes![4, 1]), dims(&sizes![Dyn, 3])), Ok(dims(&sizes![4, 3])));
        assert_eq!(broadcast_to(dims(&sizes![Dyn]), dims(&sizes![2, 3])), Ok(dims(&sizes![2, 3])));
        for (from, to) in [
            (&sizes![2][..], &sizes![1][..]),
            (&sizes![2, 3], &sizes![3]),
            (&sizes![2], &sizes![3]),
            (&sizes![2], &sizes![Dyn, 2]),
        ] {
            assert!(broadcast_to(dims(from), dims(to)).is_err());
        }
    }

    #[test]
    fn products_of_vectors_matrices_and_batches() {
        for (a, b, out) in [
            (&sizes![3][..], &sizes![3][..], &sizes![][..]),
            (&sizes![3], &sizes![3, 4], &sizes![4]),
            (&sizes![2, 3], &sizes![3], &sizes![2]),
            (&sizes![2, 3], &sizes![3, 4], &sizes![2, 4]),
            (&sizes![5, 2, 3], &sizes![3, 4], &sizes![5, 2, 4]),
            (&sizes![5, 2, 3], &sizes![5, 3, 4], &sizes![5, 2, 4]),
            (&sizes![6, 5, 2, 3], &sizes![6, 5, 3, 4], &sizes![6, 5, 2, 4]),
            (&sizes![Dyn, 3], &sizes![3, 4], &sizes![Dyn, 4]),
            (&sizes![Dyn, 2, Dyn], &sizes![5, 3, 4], &sizes![5, 2, 4]),
            (&sizes![2, 3], &sizes![5, 3, 4], &sizes![5, 2, 4]),
            (&sizes![5, 2, 3], &sizes![3], &sizes![5, 2]),
            (&sizes![3], &sizes![6, 5, 3, 4], &sizes![6, 5, 4]),
            (&sizes![Dyn, 1, 2, 3], &sizes![8, 3, 4], &sizes![Dyn, 8, 2, 4]),
            (&sizes![8, 2, 3], &sizes![6, 1, 3, 4], &sizes![6, 8, 2, 4]),
            (&sizes![0, 2, 3], &sizes![1, 3, 4], &sizes![0, 2, 4]),
        ] {
            assert_eq!(matmul(dims(a), dims(b)), Ok(dims(out)));
        }
        for (a, b) in [
            (&sizes![2, 3][..], &sizes![4, 5][..]),
            (&sizes![2], &sizes![3]),
            (&sizes![], &sizes![3]),
            (&sizes![3], &sizes![]),
            (&sizes![5, 2, 3], &sizes![4]),
            (&sizes![5, 2, 3], &sizes![6, 3, 4]),
            (&sizes![5, 1, 2, 3], &sizes![6, 8, 3, 4]),
        ] {
            assert!(matmul(dims(a), dims(b)).is_err());
        }
    }

    #[test]
    fn equal_and_wider_shapes() {
        assert_eq!(same_shape(dims(&sizes![Dyn, 3]), dims(&sizes![2, 3])), Ok(dims(&sizes![2, 3])));
        assert!(same_shape(dims(&sizes![2, 3]), dims(&sizes![3, 2])).is_err());
        assert!(same_shape(dims(&sizes![2, 3]), dims(&sizes![2, 3, 1])).is_err());
        assert_eq!(widen(dims(&sizes![2, 3]), dims(&sizes![Dyn, 3])), Ok(dims(&sizes![Dyn, 3])));
        assert!(widen(dims(&sizes![Dyn, 3]), dims(&sizes![2, 3])).is_err());
        assert!(widen(dims(&sizes![2]), dims(&sizes![Dyn, Dyn])).is_err());
    }

    #[test]
    fn joining() {
        let (a, b) = (dims(&sizes![Dyn, 3, 8, 8]), dims(&sizes![2, 5, 8, Dyn]));
        assert_eq!((join(a, b), join(b, a)), (Ok(dims(&sizes![2, 8, 8, 8])), Ok(dims(&sizes![2, 8, 8, 8]))));
        assert_eq!(concat(dims(&sizes![2]), dims(&sizes![3]), 0), Ok(dims(&sizes![5])));
        assert_eq!(join(dims(&sizes![2, Dyn]), dims(&sizes![2, 3])), Ok(dims(&sizes![2, Dyn])));
        let (a, b) = (dims(&sizes![2, 3, 8]), dims(&sizes![2, 3, 9]));
        assert_eq!(join(a, b), Err(Mistake::Concat { left: a, right: b, axis: 1 }));
        assert_eq!(concat(a, b, 2), Ok(dims(&sizes![2, 3, 17])));
        assert_eq!(concat(a, b, 3), Err(Mistake::NoAxis { axis: 3, rank: 3 }));
        assert!(join(a, dims(&sizes![2, 3])).is_err());
        assert_eq!(join(dims(&sizes![2]), a), Err(Mistake::NoChannels { input: dims(&sizes![2]) }));
        assert_eq!(join(a, Dims::SCALAR), Err(Mistake::NoChannels { input: Dims::SCALAR }));
        assert_eq!(join(dims(&sizes![1, 999_999_999]), dims(&sizes![1, 1])), Err(Mistake::TooManyDigits));
    }
}
