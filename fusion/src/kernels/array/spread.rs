//! The way back from a view: elements laid where a view would find them, and triangles of matrices.

use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use crate::kernels::array::walk::{AxisOf, Walk};
use crate::kernels::dtype::{DType, Element};
use std::mem::MaybeUninit;

/// Zeros of the shape `whole`, in C order, that hold the elements of `x` where a view with these `strides` from element
/// `offset` on would find them. Floats that meet in one place are added up; of other types the last one stays.
///
/// # Panics
/// If that would reach outside.
#[track_caller]
pub fn spread(x: &Array, whole: Dims, strides: &Dims, offset: usize) -> Array {
    match x.dtype() {
        DType::F32 => laid::<f32>(x, whole, strides, offset, |sum, x| *sum += x),
        DType::F64 => laid::<f64>(x, whole, strides, offset, |sum, x| *sum += x),
        DType::I64 => laid::<i64>(x, whole, strides, offset, |old, x| *old = x),
        DType::U8 | DType::Bool => {
            let bytes = laid::<u8>(&x.clone().bits(), whole, strides, offset, |old, x| *old = x);
            // SAFETY: each element is one of `x` or 0, which is `false`.
            unsafe { bytes.of_bits(x.dtype()) }
        }
    }
}

#[track_caller]
fn laid<T: Element>(x: &Array, whole: Dims, strides: &Dims, offset: usize, put: impl Fn(&mut T, T)) -> Array {
    let last = |last: usize, (n, stride): (usize, usize)| last.saturating_add((n.max(1) - 1).saturating_mul(stride));
    assert!(
        x.count() == 0 || x.shape().iter().zip(strides.iter()).fold(offset, last) < whole.count(),
        "there is no room for {:?} with the strides {strides:?} from element {offset} of {whole:?} on",
        x.shape()
    );
    let (walk, from) = (Walk::new(x.shape(), [strides, x.strides()]), x.elements::<T>());
    let AxisOf { n, step } = walk.inner();
    // SAFETY: every element is filled before any is read.
    unsafe {
        Array::build::<T>(whole, |out| {
            out.fill(MaybeUninit::new(T::default()));
            let out = out.assume_init_mut();
            for [o, i] in walk.rows() {
                if step == [1, 1] {
                    out[offset + o..][..n].iter_mut().zip(&from[i..][..n]).for_each(|(out, &x)| put(out, x));
                } else {
                    (0..n).for_each(|k| put(&mut out[offset + o + k * step[0]], from[i + k * step[1]]));
                }
            }
        })
    }
}

/// The matrices of the last two axes in C order, with zeros above the diagonal that lies `offset` columns to the right of the
/// main one; below it if `upper`.
///
/// # Panics
/// If there are fewer than two axes.
#[track_caller]
pub fn triangle(x: &Array, offset: isize, upper: bool) -> Array {
    let rank = x.shape().rank();
    assert!(rank >= 2, "a triangle of a matrix, not of {:?}", x.shape());
    let [rows, columns] = [rank - 2, rank - 1].map(|axis| x.shape().get(axis));
    let (x, size) = (x.contiguous(), x.dtype().size());
    let column = |at: isize| usize::try_from(at).unwrap_or(0).min(columns);
    // SAFETY: each row is written from its first to its last byte, and there are `count / columns` rows in both; they do
    // not overlap, as the result is new. Zero bytes are a zero of every element type.
    unsafe {
        Array::build_bytes(x.dtype(), *x.shape(), x.shape().row_major(), |out| {
            for i in 0..x.count() / columns.max(1) {
                let row = (i % rows) as isize;
                let (from, to) = match upper {
                    false => (0, column(row.saturating_add(offset).saturating_add(1))),
                    true => (column(row.saturating_add(offset)), columns),
                };
                let start = i * columns * size;
                out.add(start).write_bytes(0, columns * size);
                let kept = start + from * size;
                x.start().add(kept).copy_to_nonoverlapping(out.add(kept), (to - from) * size);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{dims, layouts};

    #[test]
    fn what_a_view_shows_is_laid_back() {
        let whole = dims(&[4, 5]);
        for (shape, strides, offset) in [
            (&[2, 3][..], &[10, 2][..], 0),
            (&[4], &[6], 0),
            (&[3], &[6], 5),
            (&[2, 2], &[1, 10], 3),
            (&[0, 3], &[1, 1], 0),
            (&[], &[], 19),
        ] {
            for x in layouts(shape, 77i64, |i| i as i64 + 1) {
                let y = spread(&x, whole, &dims(strides), offset);
                assert!(y.is_contiguous() && *y.shape() == whole);
                let seen = y.view(dims(shape), dims(strides), if x.count() == 0 { 0 } else { offset });
                assert_eq!(seen.to_vec::<i64>(), x.to_vec::<i64>());
                let zeros = y.to_vec::<i64>().iter().filter(|&&y| y == 0).count();
                assert_eq!(zeros, 20 - x.count());
            }
        }
        // Windows of 2 over 4 elements: the inner ones are seen twice.
        for x in layouts(&[2, 3], 77.0, |i| i as f64 + 1.0) {
            assert_eq!(spread(&x, dims(&[4]), &dims(&[1, 1]), 0).to_vec::<f64>(), [1.0, 6.0, 8.0, 6.0]);
        }
        let truths = Array::full(true, dims(&[2]));
        assert_eq!(spread(&truths, dims(&[3]), &dims(&[2]), 0).to_vec::<bool>(), [true, false, true]);
        assert_eq!(spread(&Array::full(7u8, dims(&[1])), dims(&[2]), &dims(&[1]), 1).to_vec::<u8>(), [0, 7]);
    }

    #[test]
    #[should_panic(expected = "there is no room for [3] with the strides [1] from element 2 of [4] on")]
    fn outside_is_refused() {
        spread(&Array::full(1f32, dims(&[3])), dims(&[4]), &dims(&[1]), 2);
    }

    #[test]
    fn triangles() {
        fn check<T: Element>(f: impl Fn(usize) -> T + Copy) {
            for shape in [&[3, 3][..], &[2, 5], &[5, 2], &[2, 3, 4], &[0, 3], &[3, 0], &[1, 1]] {
                let [rows, columns] = [shape[shape.len() - 2], shape[shape.len() - 1]];
                for (x, offset) in layouts(shape, f(0), f).iter().flat_map(|x| (-6..7).map(move |k| (x, k))) {
                    for upper in [false, true] {
                        let want = x.to_vec::<T>().into_iter().enumerate().map(|(at, x)| {
                            let (i, j) = ((at / columns % rows) as isize, (at % columns) as isize);
                            if (j - i <= offset && !upper) || (j - i >= offset && upper) { x } else { T::default() }
                        });
                        assert_eq!(triangle(x, offset, upper).to_vec::<T>(), want.collect::<Vec<_>>());
                    }
                }
            }
        }
        check(|i| i as f32 + 1.0);
        check(|i| i as f64 + 1.0);
        check(|i| i as i64 + 1);
        check(|i| i as u8 + 1);
        check(|_| true);
        let x = Array::full(1u8, dims(&[2, 2]));
        assert_eq!(triangle(&x, isize::MAX, false).to_vec::<u8>(), [1; 4]);
        assert_eq!(triangle(&x, isize::MIN, false).to_vec::<u8>(), [0; 4]);
    }
}
