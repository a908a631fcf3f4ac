//! Memory with a place for each intermediate result of a network, and what is computed from one place to another.
//!
//! The places lie in one array that is used again for each run, so a kernel writes over elements that are there.

use super::conv::{self, Filter};
use super::gemm::{self, Mat, gemm};
use std::mem::MaybeUninit;
use std::ops::Range;

/// All of a memory but one range of it, to read from.
#[derive(Clone, Copy)]
pub struct Rest<'a> {
    before: &'a [f32],
    behind: &'a [f32],
    end: usize,
}

/// A range of `memory` to write to, and the rest of it to read from.
///
/// # Panics
/// If the range is not inside.
pub fn part(memory: &mut [f32], range: Range<usize>) -> (&mut [f32], Rest<'_>) {
    let end = range.end;
    let (before, from) = memory.split_at_mut(range.start);
    let (part, behind) = from.split_at_mut(end - range.start);
    (part, Rest { before, behind, end })
}

impl<'a> Rest<'a> {
    /// A range of the memory.
    ///
    /// # Panics
    /// If it meets the part that is written to, or is not inside.
    pub fn read(&self, range: Range<usize>) -> &'a [f32] {
        match range.start >= self.end {
            true => &self.behind[range.start - self.end..range.end - self.end],
            false => &self.before[range],
        }
    }
}

/// What `filter` makes of `images` images, written over `y`.
///
/// # Panics
/// As [`Filter::run`].
#[track_caller]
pub fn convolve(filter: &Filter, x: &[f32], images: usize, epilogue: &conv::Epilogue<'_>, y: &mut [f32]) {
    // SAFETY: `run` writes numbers, and nothing that is not initialised.
    filter.run(x, images, epilogue, unsafe { overwritten(y) });
}

/// The product of `a` and `b`, then the epilogue, written over `y`.
///
/// # Panics
/// As `gemm`.
pub fn product(a: Mat<'_, f32>, b: Mat<'_, f32>, epilogue: gemm::Epilogue<&[f32]>, y: &mut [f32]) {
    // SAFETY: `gemm` writes numbers, and nothing that is not initialised.
    gemm(a, b, unsafe { overwritten(y) }, epilogue);
}

/// Elements as places for new ones.
///
/// # Safety
/// What is written there must be initialised.
unsafe fn overwritten(y: &mut [f32]) -> &mut [MaybeUninit<f32>] {
    let (at, len) = (y.as_mut_ptr(), y.len());
    // SAFETY: the same elements, borrowed as long; a `MaybeUninit` lies as what it holds, and stays initialised, as the
    // caller promises.
    unsafe { std::slice::from_raw_parts_mut(at.cast(), len) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_and_the_rest() {
        let mut memory = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let (part, rest) = part(&mut memory, 2..4);
        assert_eq!((rest.read(0..2), rest.read(4..6), rest.read(1..2)), (&[0.0, 1.0][..], &[4.0, 5.0][..], &[1.0][..]));
        part.fill(7.0);
        assert_eq!(memory, [0.0, 1.0, 7.0, 7.0, 4.0, 5.0]);
    }

    #[test]
    fn what_is_written_is_not_read() {
        for range in [1..3, 2..3, 3..5, 0..6, 5..7] {
            let mut memory = [0.0; 6];
            let (_, rest) = part(&mut memory, 2..4);
            assert!(std::panic::catch_unwind(|| rest.read(range.clone()).len()).is_err(), "{range:?}");
        }
    }
}
