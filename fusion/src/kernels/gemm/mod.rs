//! Matrix products for `f32` and `f64`, any strides, fast from tiny to large.

mod dot;
mod drive;
mod epilogue;
pub mod matmul;
mod pack;
#[cfg(test)]
mod tests;
mod tile;

use crate::kernels::simd::{self, Float, Isa};
use drive::{Operand, Problem};
pub use epilogue::{Bias, Epilogue};
use std::mem::MaybeUninit;

/// A matrix to multiply: elements of a slice seen through a shape and strides.
#[derive(Clone, Copy, Debug)]
pub struct Mat<'a, T> {
    data: &'a [T],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a, T> Mat<'a, T> {
    /// The `rows` x `cols` matrix whose element (`i`, `j`) is `data[i * row_stride + j * col_stride]`. Strides may be
    /// 0 to repeat elements.
    ///
    /// # Panics
    /// If an element would lie outside of `data`.
    #[inline]
    pub fn new(data: &'a [T], rows: usize, cols: usize, row_stride: usize, col_stride: usize) -> Self {
        if rows > 0 && cols > 0 {
            let last = (rows - 1)
                .checked_mul(row_stride)
                .zip((cols - 1).checked_mul(col_stride))
                .and_then(|(row, col)| row.checked_add(col));
            assert!(
                last.is_some_and(|last| last < data.len()),
                "a {rows} x {cols} matrix with strides {row_stride} and {col_stride} does not fit {} elements",
                data.len()
            );
        }
        Self { data, rows, cols, row_stride, col_stride }
    }

    /// The matrix with rows and columns exchanged.
    #[inline]
    pub fn t(self) -> Self {
        Self { rows: self.cols, cols: self.rows, row_stride: self.col_stride, col_stride: self.row_stride, ..self }
    }

    fn operand(&self) -> Operand<T> {
        Operand { at: self.data.as_ptr(), row: self.row_stride, col: self.col_stride }
    }
}

/// What [`gemm`] multiplies: `f32` and `f64`.
pub trait GemmElement: Float {
    /// Computes `problem` with `isa`.
    ///
    /// # Safety
    /// The machine must have `isa`, and all elements of the problem must be there.
    unsafe fn run(isa: Isa, problem: &Problem<Self>);
}

macro_rules! element {
    ($T:ident, $portable:literal, $avx2:ident, $avx512:ident) => {
        impl GemmElement for $T {
            #[inline]
            unsafe fn run(isa: Isa, problem: &Problem<$T>) {
                // SAFETY: the caller's promise.
                unsafe {
                    match isa {
                        #[cfg(target_arch = "x86_64")]
                        Isa::Avx512 => drive::run::<simd::$avx512>(problem),
                        #[cfg(target_arch = "x86_64")]
                        Isa::Avx2 => drive::run::<simd::$avx2>(problem),
                        _ => drive::run::<simd::Portable<$T, $portable>>(problem),
                    }
                }
            }
        }
    };
}
element!(f32, 4, F32x8, F32x16);
element!(f64, 2, F64x4, F64x8);

/// `c = a * b`, then the epilogue; `c` has rows one after the other and is written in full, whatever `a` and `b`
/// hold: NaN and infinity propagate, and where the inner size is 0 the products are 0.
///
/// # Panics
/// If the inner sizes, the length of `c` or that of the bias do not fit.
#[inline]
pub fn gemm<T: GemmElement>(a: Mat<'_, T>, b: Mat<'_, T>, c: &mut [MaybeUninit<T>], epilogue: Epilogue<&[T]>) {
    assert_eq!(a.cols, b.rows, "a product of {} columns with {} rows", a.cols, b.rows);
    assert_eq!(Some(c.len()), a.rows.checked_mul(b.cols), "the result has {} elements", c.len());
    match epilogue.bias {
        Some(Bias::PerRow(bias)) => assert_eq!(bias.len(), a.rows, "a bias of {} for {} rows", bias.len(), a.rows),
        Some(Bias::PerColumn(bias)) => {
            assert_eq!(bias.len(), b.cols, "a bias of {} for {} columns", bias.len(), b.cols);
        }
        None => {}
    }
    let problem = Problem {
        m: a.rows,
        k: a.cols,
        n: b.cols,
        a: a.operand(),
        b: b.operand(),
        c: c.as_mut_ptr().cast(),
        c_row: b.cols,
        epilogue: epilogue.map(<[T]>::as_ptr),
        all_rows: a.rows,
    };
    // SAFETY: `isa` tells what the machine has. A `Mat` reaches only elements of its slice, `c` has rows x columns
    // elements, and the bias as many as it is read for.
    unsafe { T::run(simd::isa(), &problem) };
}
