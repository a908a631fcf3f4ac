//! Matrix products of arrays, in any layout.

use crate::kernels::array::Array;
use crate::kernels::dtype::{Element, float};
use crate::kernels::gemm::{self, Bias, Epilogue, GemmElement, Mat};
use crate::kernels::parallel::{self, PRODUCTS};
use std::mem::MaybeUninit;

/// `a · b` for `a` `[m, k]` and `b` `[k, n]` in any layout, or for stacks of them with equal leading axes; the result
/// lies in C order.
///
/// # Panics
/// If the axes do not fit.
#[track_caller]
pub fn matmul(a: &Array, b: &Array, epilogue: Epilogue<&Array>) -> Array {
    let (x, y) = (a.shape(), b.shape());
    let rank = x.rank();
    let fits = rank >= 2 && rank == y.rank() && (0..rank - 2).all(|axis| x.get(axis) == y.get(axis));
    assert!(fits && x.get(rank - 1) == y.get(rank - 2), "no product of {x:?} and {y:?}");
    float!(a.dtype(), T => typed::<T>(a, b, epilogue))
}

/// The matrix in the last two axes, `offset` elements into `array`.
fn matrix<T: Element>(array: &Array, offset: usize) -> Mat<'_, T> {
    let rank = array.shape().rank();
    let (shape, strides) = (array.shape(), array.strides());
    let elements = array.elements::<T>();
    // Of nothing there is no element to start at.
    let from = if elements.is_empty() { elements } else { &elements[offset..] };
    let (row, col) = (rank - 2, rank - 1);
    Mat::new(from, shape.get(row), shape.get(col), strides.get(row), strides.get(col))
}

#[track_caller]
fn typed<T: Element + GemmElement>(a: &Array, b: &Array, epilogue: Epilogue<&Array>) -> Array {
    let rank = a.shape().rank();
    let (m, n) = (a.shape().get(rank - 2), b.shape().get(rank - 1));
    let mut shape = *a.shape();
    shape.set(rank - 1, n);
    let strided = epilogue.bias.map(Bias::vector).filter(|bias| !bias.is_contiguous());
    let copied = strided.map(Array::contiguous);
    let epilogue = epilogue.map(|bias| copied.as_ref().unwrap_or(bias).dense::<T>().expect("contiguous"));
    // SAFETY: `gemm` writes all m * n elements of each matrix, and the result is a stack of just these, as many as the
    // leading axes have steps.
    unsafe {
        Array::build::<T>(shape, |out| {
            if rank == 2 {
                gemm::gemm(matrix(a, 0), matrix(b, 0), out, epilogue);
            } else if m * n > 0 {
                let (size, work) = (m * n, (m * n).saturating_mul(a.shape().get(rank - 1).max(1)));
                let count = out.len() / size;
                let one = |i: usize, out: &mut [MaybeUninit<T>]| {
                    let [at, bt] = offsets(a, b, i);
                    gemm::gemm(matrix(a, at), matrix(b, bt), out, epilogue);
                };
                // Threads share the stack, or else each matrix, where that is worth it.
                if parallel::pieces(work.saturating_mul(count), PRODUCTS) > count {
                    out.chunks_exact_mut(size).enumerate().for_each(|(i, out)| one(i, out));
                } else {
                    parallel::split_rows(out, size, PRODUCTS.div_ceil(work), |first, out| {
                        out.chunks_exact_mut(size).enumerate().for_each(|(i, out)| one(first + i, out));
                    });
                }
            }
        })
    }
}

/// The offsets of matrix number `i`, in C order of the leading axes, of two stacks.
fn offsets(a: &Array, b: &Array, mut i: usize) -> [usize; 2] {
    let shape = a.shape();
    let mut at = [0; 2];
    for axis in (0..shape.rank() - 2).rev() {
        let index = i % shape.get(axis);
        i /= shape.get(axis);
        at[0] += index * a.strides().get(axis);
        at[1] += index * b.strides().get(axis);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::activation::Activation;
    use crate::kernels::testing::{dims, layouts, noise};

    /// Without an inner size every product is 0, plus the bias.
    #[test]
    fn stacks_of_nothing() {
        for [lead, m, k, n] in [[2, 3, 0, 4], [2, 0, 3, 4], [2, 3, 4, 0], [0, 3, 4, 5], [0, 3, 0, 4], [3, 0, 0, 0]] {
            for a in layouts(&[lead, m, k], f32::NAN, |i| noise(i) as f32) {
                for b in layouts(&[lead, k, n], f32::NAN, |i| noise(i) as f32) {
                    let y = matmul(&a, &b, Epilogue::default());
                    assert_eq!(*y.shape(), [lead, m, n][..]);
                    assert_eq!(y.to_vec::<f32>(), vec![0.0; lead * m * n]);
                }
            }
        }
        let (a, b) = (Array::full(1f64, dims(&[2, 3, 0])), Array::full(1f64, dims(&[2, 0, 4])));
        let bias = Array::full(2f64, dims(&[4]));
        let y = matmul(&a, &b, Epilogue { bias: Some(Bias::PerColumn(&bias)), activation: Activation::Relu });
        assert_eq!(y.to_vec::<f64>(), [2.0; 24]);
    }

    #[test]
    fn other_stacks_are_refused() {
        let array = |shape: &[usize]| Array::full(1f32, dims(shape));
        for (a, b) in [(&[2, 3, 4][..], &[3, 4, 5][..]), (&[3, 4], &[5, 6]), (&[2, 3, 4], &[4, 5]), (&[3], &[3])] {
            let (a, b) = (array(a), array(b));
            assert!(std::panic::catch_unwind(|| matmul(&a, &b, Epilogue::default())).is_err(), "{a:?} {b:?}");
        }
    }
}
