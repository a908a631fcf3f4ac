//! Rows of an array gathered into a new one: what a mini-batch is made of.

use crate::kernels::array::Array;
use crate::kernels::array::layout::{Dims, MAX_RANK, is_dense};
use crate::kernels::array::walk::{AxisOf, Walk};
use crate::kernels::dtype::{Element, bits};
use crate::kernels::parallel::{self, BYTES};

/// The rows with these numbers (along axis 0), in their order, as a new array; any may come several times.
///
/// A row whose elements are one gapless stretch of memory, in any order of its axes, is copied as a whole and keeps
/// that order; else the result is in C order. Panics if there is no such row, or no axis 0.
#[track_caller]
pub fn rows(array: &Array, index: &[usize]) -> Array {
    assert!(array.shape().rank() > 0, "a tensor of rank 0 has no rows");
    let n = array.shape().get(0);
    if let Some(row) = index.iter().find(|&&row| row >= n) {
        panic!("there is no row {row} in a tensor of {n} rows");
    }
    let (dtype, bits) = (array.dtype(), array.clone().bits());
    let rows = bits!(dtype, T => gather::<T>(&bits, index));
    // SAFETY: each element is one of `array`.
    unsafe { rows.of_bits(dtype) }
}

/// As [`rows`]; every index is below the number of rows.
#[track_caller]
fn gather<T: Element>(array: &Array, index: &[usize]) -> Array {
    let (row, from) = (array.shape().without(0), array.strides().without(0));
    let gapless = is_dense(&row, &from);
    let to = if gapless { from } else { row.row_major() };
    let (step, len) = (array.strides().get(0), row.count());
    let shape = row.with(0, index.len());
    let source = array.elements::<T>();
    // SAFETY: the result has `index.len()` times `len` elements. Each arm writes all of them: the first two go through
    // slices of just these lengths, the last visits every element of every row once.
    unsafe {
        Array::build_like(shape, to.with(0, len), |out| {
            if len == 1 {
                for (out, &row) in out.iter_mut().zip(index) {
                    out.write(source[row * step]);
                }
            } else if gapless {
                let width = len.max(1);
                parallel::split_rows(out, width, BYTES.div_ceil(width * size_of::<T>()), |first, out| {
                    for (out, &row) in out.chunks_exact_mut(width).zip(&index[first..]) {
                        out.write_copy_of_slice(&source[row * step..][..len]);
                    }
                });
            } else {
                let walk = within(&row, &from, &to);
                let AxisOf { n, step: [in_step, out_step] } = walk.inner();
                for (out, &row) in out.chunks_exact_mut(len.max(1)).zip(index) {
                    walk.rows().for_each(|[i, o]| {
                        for k in 0..n {
                            out[o + k * out_step].write(source[row * step + i + k * in_step]);
                        }
                    });
                }
            }
        })
    }
}

/// The first of these numbers (`i64`, by its place in C order) that is no row of a table of `rows`.
pub fn outside(indices: &Array, rows: usize) -> Option<(usize, i64)> {
    let indices = indices.contiguous();
    let all = indices.as_slice::<i64>().expect("contiguous");
    let bad = |&index: &i64| index as u64 >= rows as u64;
    // A stretch at a time, so that the comparisons of one need not wait for each other.
    let stretch = all.chunks(256).position(|stretch| stretch.iter().fold(false, |any, index| any | bad(index)))?;
    let place = stretch * 256 + all[stretch * 256..].iter().position(bad)?;
    Some((place, all[place]))
}

/// The walk over one row, in the order in which it is written.
fn within(row: &Dims, from: &Dims, to: &Dims) -> Walk<2> {
    debug_assert!(row.rank() < MAX_RANK);
    let axis = |a| AxisOf { n: row.get(a), step: [from.get(a), to.get(a)] };
    Walk::ordered((0..row.rank()).rev().map(axis))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Element by element, in C order.
    fn naive<T: Element>(array: &Array, index: &[usize]) -> Vec<T> {
        let all = array.to_vec::<T>();
        let len = array.shape().without(0).count();
        index.iter().flat_map(|&row| all[row * len..][..len].to_vec()).collect()
    }

    fn check<T: Element>(array: &Array) {
        let n = array.shape().get(0);
        for index in [vec![], vec![n - 1], vec![0, n - 1, n / 2, 0], (0..n).rev().collect()] {
            let taken = rows(array, &index);
            assert_eq!((taken.dtype(), taken.shape().get(0)), (array.dtype(), index.len()));
            assert_eq!(taken.shape().without(0), array.shape().without(0));
            assert!(taken.is_dense());
            assert_eq!(taken.to_vec::<T>(), naive::<T>(array, &index));
        }
    }

    #[test]
    fn every_type_and_rank() {
        for sizes in [&[5][..], &[5, 1], &[3, 7], &[1, 2, 3], &[4, 3, 2, 5], &[2, 2, 1, 3, 1, 2]] {
            let shape = Dims::new(sizes);
            check::<f32>(&Array::from_fn(shape, |i| i as f32));
            check::<f64>(&Array::from_fn(shape, |i| -(i as f64)));
            check::<i64>(&Array::from_fn(shape, |i| i as i64));
            check::<u8>(&Array::from_fn(shape, |i| i as u8));
            check::<bool>(&Array::from_fn(shape, |i| i % 3 == 0));
        }
    }

    #[test]
    fn views_of_any_strides() {
        let a = Array::from_fn(Dims::new(&[4, 3, 2, 5]), |i| i as f32);
        for order in [[0, 2, 3, 1], [3, 0, 1, 2], [1, 0, 3, 2]] {
            check::<f32>(&a.permute(&order));
        }
        // Columns 1 and 3 of 5; a row stretched to three.
        check::<f32>(&a.view(Dims::new(&[24, 2]), Dims::new(&[5, 2]), 1));
        check::<f32>(&a.view(Dims::new(&[3, 5]), Dims::new(&[0, 1]), 10));
        check::<f32>(&a.view(Dims::new(&[6]), Dims::new(&[20]), 3));
    }

    #[test]
    fn channels_last_stays() {
        let images = Array::from_fn(Dims::new(&[3, 4, 5, 2]), |i| i as u8).permute(&[0, 3, 1, 2]);
        let taken = rows(&images, &[2, 0]);
        assert_eq!(taken.strides(), images.strides());
    }

    #[test]
    fn nothing_to_copy() {
        let empty = Array::full(0.0f32, Dims::new(&[0, 3]));
        assert_eq!(rows(&empty, &[]).count(), 0);
        let narrow = Array::full(0i64, Dims::new(&[3, 0]));
        assert_eq!(*rows(&narrow, &[2, 1]).shape(), [2, 0][..]);
    }

    #[test]
    #[should_panic(expected = "there is no row 3 in a tensor of 3 rows")]
    fn a_row_outside() {
        rows(&Array::full(0u8, Dims::new(&[3, 2])), &[0, 3]);
    }

    #[test]
    fn numbers_that_are_no_rows() {
        let index = Array::from_slice(&[4i64, 0, 1, 4, 4, 2], Dims::new(&[3, 2])).swap(0, 1);
        assert_eq!((outside(&index, 5), outside(&index, 4)), (None, Some((0, 4))));
        assert_eq!(outside(&Array::from_slice(&[0i64, -1], Dims::new(&[2])), 5), Some((1, -1)));
        assert_eq!(outside(&Array::full(0i64, Dims::new(&[0])), 0), None);
        let long = Array::from_fn(Dims::new(&[1000]), |i| i as i64);
        assert_eq!((outside(&long, 1000), outside(&long, 700)), (None, Some((700, 700))));
    }
}
