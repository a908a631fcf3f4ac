//! Arrays joined along an axis.

use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::array::layout::{Dims, MAX_RANK};
use crate::kernels::parallel::{self, Across, BYTES};

/// The elements of all `parts` one after the other along `axis`; their other sizes are equal. The result keeps the order
/// of the axes of the first one that is dense, else it lies in C order.
///
/// # Panics
/// If there are no parts, or their types or their other sizes differ.
#[track_caller]
pub fn concat<const N: usize>(parts: [&Array; N], axis: usize) -> Array {
    let Some(&first) = parts.first() else { panic!("no arrays to join") };
    let (shape, dtype) = (first.shape(), first.dtype());
    for part in parts {
        let others = part.shape().rank() == shape.rank() && part.shape().without(axis) == shape.without(axis);
        assert!(
            axis < shape.rank() && others && part.dtype() == dtype,
            "{:?} in {} does not join {shape:?} in {dtype} along axis {axis}",
            part.shape(),
            part.dtype()
        );
    }
    join(&mut parts.map(Array::clone), axis)
}

/// As [`concat`], of parts that fit.
#[track_caller]
fn join(parts: &mut [Array], axis: usize) -> Array {
    let (mut shape, dtype) = (*parts[0].shape(), parts[0].dtype());
    let rank = shape.rank();
    shape.set(axis, parts.iter().map(|part| part.shape().get(axis)).sum());
    let mut order: [usize; MAX_RANK] = std::array::from_fn(|axis| axis);
    let order = &mut order[..rank];
    if let Some(like) = parts.iter().find(|part| part.is_dense() && part.count() > 0) {
        // What has no order of its own keeps C order.
        like.strides().sort_axes(order);
    }
    let strides = |shape: &Dims| {
        let (mut strides, mut step) = (*shape, 1);
        for &axis in order.iter().rev() {
            strides.set(axis, step);
            step *= shape.get(axis).max(1);
        }
        strides
    };
    // In memory the parts alternate: for each index of the axes before `axis` a stretch of each.
    let before = order.iter().take_while(|&&a| a != axis).map(|&a| shape.get(a)).product::<usize>();
    for part in &mut *parts {
        let strides = strides(part.shape());
        if *part.strides() != strides {
            *part = copy(part, strides);
        }
    }
    // SAFETY: but for `axis`, where the result's size is the sum of the parts', all sizes are equal; so `before` times the
    // stretches of all parts are as many elements as the result has, and each is written in its turn.
    unsafe {
        Array::build_bytes(dtype, shape, strides(&shape), |out| {
            let all = shape.count() / before.max(1) * dtype.size();
            let shared = Across::new((out, &*parts));
            parallel::spread(before, 1, BYTES.div_ceil(all.max(1)), |range| {
                let &(out, parts) = shared.get();
                let mut out = out.wrapping_add(range.start * all);
                for i in range {
                    for part in parts {
                        let stretch = part.count() / before * dtype.size();
                        part.start().add(i * stretch).copy_to_nonoverlapping(out, stretch);
                        out = out.add(stretch);
                    }
                }
            });
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{dims, layouts};

    #[test]
    fn as_element_by_element_in_any_layout() {
        for (left, axis, right) in [
            (&[3][..], 0, 2),
            (&[3, 2], 0, 1),
            (&[3, 2], 1, 3),
            (&[3, 1], 1, 1),
            (&[2, 3, 4], 1, 0),
            (&[2, 0, 4], 1, 2),
            (&[2, 3, 1, 5], 2, 4),
            (&[0, 3], 1, 2),
        ] {
            let mut shape = left.to_vec();
            shape[axis] = right;
            let (a, b) = (layouts(left, -1i64, |i| i as i64), layouts(&shape, -1i64, |i| 1000 + i as i64));
            for (a, b) in a.iter().flat_map(|a| b.iter().map(move |b| (a, b))) {
                let c = concat([a, b, a], axis);
                assert_eq!(c.shape().get(axis), 2 * left[axis] + right);
                assert!(c.is_dense() && c.shape().without(axis) == dims(left).without(axis));
                if a.is_dense() && !a.is_contiguous() && left.iter().all(|&n| n > 1) && c.count() > 0 {
                    assert!(!c.is_contiguous(), "the order of the axes stays");
                }
                let inner: usize = left[axis + 1..].iter().product();
                let (x, y) = (a.to_vec::<i64>(), b.to_vec::<i64>());
                let outer: usize = left[..axis].iter().product();
                let want: Vec<i64> = (0..outer)
                    .flat_map(|i| {
                        let stretch = |all: &[i64], n: usize| all[i * n * inner..][..n * inner].to_vec();
                        [stretch(&x, left[axis]), stretch(&y, right), stretch(&x, left[axis])].concat()
                    })
                    .collect();
                assert_eq!(c.to_vec::<i64>(), want);
            }
        }
    }
}
