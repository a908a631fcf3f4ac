//! Matrix products of arrays, in any layout.

use super::array::{Array, Element, float};
use super::gemm::{self, Epilogue, GemmElement, Mat};

/// What is done to a product before it is stored.
#[derive(Clone, Copy, Default)]
pub struct After<'a> {
    /// Added to each row.
    pub bias: Option<&'a Array>,
    /// Negative elements become 0.
    pub relu: bool,
}

/// `a · b` for `a` `[m, k]` and `b` `[k, n]` in any layout, or for stacks of them with equal leading axes; the result
/// lies in C order.
pub fn matmul(a: &Array, b: &Array, after: After<'_>) -> Array {
    float!(a.dtype(), T => typed::<T>(a, b, after))
}

/// The matrix in the last two axes, `offset` elements into `array`.
fn matrix<T: Element>(array: &Array, offset: usize) -> Mat<'_, T> {
    let rank = array.shape().rank();
    let [rows, cols] = [rank - 2, rank - 1].map(|axis| (array.shape().get(axis), array.strides().get(axis)));
    Mat::new(&array.elements::<T>()[offset..], rows.0, cols.0, rows.1, cols.1)
}

fn typed<T: Element + GemmElement>(a: &Array, b: &Array, after: After<'_>) -> Array {
    let rank = a.shape().rank();
    let (m, n) = (a.shape().get(rank - 2), b.shape().get(rank - 1));
    let mut shape = *a.shape();
    shape.set(rank - 1, n);
    let copied = after.bias.filter(|bias| !bias.is_contiguous()).map(Array::contiguous);
    let bias = copied.as_ref().or(after.bias);
    let epilogue = Epilogue { bias: bias.map(|bias| bias.dense::<T>().expect("contiguous")), relu: after.relu };
    // SAFETY: `gemm` writes all m * n elements of each matrix, and the stack is made of just these.
    unsafe {
        Array::build::<T>(shape, |out| {
            if rank == 2 {
                gemm::gemm(matrix(a, 0), matrix(b, 0), out, epilogue);
            } else if m * n > 0 {
                let stack = stack_of(a, b);
                for (out, [at, bt]) in out.chunks_exact_mut(m * n).zip(stack) {
                    gemm::gemm(matrix(a, at), matrix(b, bt), out, epilogue);
                }
            }
        })
    }
}

/// The offsets of the matrices of two stacks, in C order of the leading axes.
fn stack_of<'a>(a: &'a Array, b: &'a Array) -> impl Iterator<Item = [usize; 2]> + 'a {
    let lead = a.shape().rank() - 2;
    let shape = a.shape();
    (0..shape.iter().take(lead).product()).map(move |mut i| {
        let mut at = [0; 2];
        for axis in (0..lead).rev() {
            let index = i % shape.get(axis);
            i /= shape.get(axis);
            at[0] += index * a.strides().get(axis);
            at[1] += index * b.strides().get(axis);
        }
        at
    })
}
