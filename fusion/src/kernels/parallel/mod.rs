//! How many threads large kernels use, and how work is split over them.
//!
//! The pool is the one of rayon: it steals work, sleeps when there is none, and is shared with the rest of the program. `join` asks for no
//! memory, which `scope` does for each piece.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// 0 until somebody has asked or set it.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Sets how many threads large kernels may use; 0 asks for as many as the machine has.
pub fn set_num_threads(n: usize) {
    THREADS.store(n, Ordering::Relaxed);
}

/// How many threads large kernels may use: what [`set_num_threads`] said, else as many as the machine has.
pub fn num_threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => {
            let n = std::thread::available_parallelism().map_or(1, usize::from);
            THREADS.store(n, Ordering::Relaxed);
            n
        }
        n => n,
    }
}

/// Splits `0..count` into as many even ranges as there are threads, none shorter than `least` unless it is all, and calls `f`
/// with each and its number. Where they begin follows from the three numbers alone, so a sum over ranges in their order has the
/// same bits in each run with as many threads. One range is run by the caller, and no thread is woken.
pub fn split(count: usize, least: usize, f: impl Fn(usize, Range<usize>) + Sync) {
    let parts = pieces(count, least);
    if parts <= 1 {
        return f(0, 0..count);
    }
    halve(0..parts, &|part| f(part, count * part / parts..count * (part + 1) / parts));
}

/// Into how many ranges [`split`] splits.
pub fn pieces(count: usize, least: usize) -> usize {
    (count / least.max(1)).clamp(1, num_threads())
}

/// An address that threads share, each of which reads and writes elements of its own.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Apart<T>(*mut T);

// SAFETY: an address alone reads and writes nothing; who does answers for it.
unsafe impl<T: Send> Send for Apart<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Apart<T> {}

impl<T> Apart<T> {
    /// Of this address.
    pub(in crate::kernels) fn new(at: *mut T) -> Self {
        Self(at)
    }

    /// The address of element `i`.
    #[inline(always)]
    pub(in crate::kernels) fn at(self, i: usize) -> *mut T {
        self.0.wrapping_add(i)
    }

    /// Is it none?
    pub(in crate::kernels) fn is_null(self) -> bool {
        self.0.is_null()
    }
}

/// Calls `f` for each part, halves at a time.
fn halve(parts: Range<usize>, f: &(impl Fn(usize) + Sync)) {
    match parts.len() {
        0 => {}
        1 => f(parts.start),
        n => {
            let middle = parts.start + n / 2;
            rayon_core::join(|| halve(parts.start..middle, f), || halve(middle..parts.end, f));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn ranges_are_even_and_cover_all() {
        for (count, least) in [(0, 1), (1, 1), (7, 3), (1000, 1), (1000, 400), (5, 0), (3, 100)] {
            let seen = Mutex::new(Vec::new());
            split(count, least, |part, range| seen.lock().unwrap().push((part, range)));
            let mut seen = seen.into_inner().unwrap();
            seen.sort_by_key(|(part, _)| *part);
            assert_eq!(seen.len(), pieces(count, least));
            assert_eq!(seen.iter().map(|(part, _)| *part).collect::<Vec<_>>(), (0..seen.len()).collect::<Vec<_>>());
            let mut next = 0;
            for (_, range) in &seen {
                assert_eq!(range.start, next);
                assert!(seen.len() == 1 || range.len() >= least);
                next = range.end;
            }
            assert_eq!(next, count);
        }
    }
}
