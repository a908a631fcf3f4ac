//! Many short rows at once: turned round in a scratch memory, so that each lane of a vector has a row of its own and no
//! lanes need to be joined.

use crate::kernels::simd::{Float, MAX_LANES, Vector};
use std::mem::MaybeUninit;

/// The longest row for which that pays.
pub const SHORT: usize = 32;

/// Room for the elements of [`MAX_LANES`] rows, and for what a turned block overshoots.
pub type Scratch<T> = [T; (SHORT + 1) * MAX_LANES];

/// A scratch of zeros.
#[inline(always)]
pub fn scratch<T: Float>() -> Scratch<T> {
    [T::ZERO; (SHORT + 1) * MAX_LANES]
}

/// Element `i` of each of `rows` rows of `n` elements from `x` on goes to vector `i` of the scratch; lanes beyond are
/// filled with some element.
///
/// # Safety
/// `x` must be valid for reading, `n` at most [`SHORT`], `rows` a vector's lanes; the machine must have the instructions
/// of `V`.
#[inline(always)]
pub unsafe fn gather<V: Vector>(scratch: &mut Scratch<V::Elem>, x: *const V::Elem, n: usize, rows: usize) {
    for row in (0..rows).step_by(V::BLOCK) {
        for i in (0..n).step_by(V::BLOCK) {
            let (height, width) = (V::BLOCK.min(rows - row), V::BLOCK.min(n - i));
            // SAFETY: the caller's promise; the scratch has a vector for each of `n` elements.
            unsafe {
                let to = scratch.as_mut_ptr().add(i * V::LANES + row);
                V::transpose(x.add(row * n + i), n, height, width, to, V::LANES);
            }
        }
    }
}

/// The way back from [`gather`]. `after` elements of `out` follow that are written later: they may be overwritten.
///
/// # Safety
/// As for [`gather`], and `out` must be valid for writing the rows and the elements after them.
#[inline(always)]
pub unsafe fn scatter<V: Vector>(out: *mut V::Elem, scratch: *const V::Elem, n: usize, rows: usize, after: usize) {
    if n == 0 {
        return;
    }
    let roomy = after >= V::BLOCK;
    let mut last = MaybeUninit::<Scratch<V::Elem>>::uninit();
    let to = if roomy { out } else { last.as_mut_ptr().cast() };
    // The last, narrow block first: what it overshoots is the next rows' beginning.
    for i in (0..n.div_ceil(V::BLOCK)).rev().map(|block| block * V::BLOCK) {
        for row in (0..rows).step_by(V::BLOCK) {
            let (height, width) = (V::BLOCK.min(n - i), V::BLOCK.min(rows - row));
            // SAFETY: the caller's promise; without much after them, the scratch has room for what is overshot.
            unsafe { V::transpose(scratch.add(i * V::LANES + row), V::LANES, height, width, to.add(row * n + i), n) };
        }
    }
    if !roomy {
        // SAFETY: `out` is valid for `rows * n` elements, as the caller promises, and the blocks have written as many of the
        // scratch, which is apart from it.
        unsafe { out.copy_from_nonoverlapping(to, rows * n) };
    }
}
