//! How many threads large kernels use, and how work is split over them.
//!
//! Into which pieces work is cut follows from its size and from the number of threads that may be used, and not from the
//! machine, from how many threads there are in fact, nor from who does which piece. So a result has the same bits each time
//! with the same number of threads; where pieces meet only in what they write, it has the same bits with any.

mod pool;
#[cfg(test)]
mod same;
#[cfg(test)]
mod tests;

pub use pool::alone;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The least that is worth a thread of its own, in elements that a loop reads, writes or adds up: some 5 to 10
/// microseconds. A helper that is awake costs a piece half a microsecond and reads from another core's cache; one that
/// sleeps costs 3, which are lost where it comes too late. Measured on two cores of an AMD Zen 3, a loop of one operation over
/// what lies in the second cache takes half the time from here on.
pub const ELEMENTS: usize = least(1 << 15);
/// As [`ELEMENTS`], where each element takes an exponential or as much.
pub const EXPONENTIALS: usize = least(1 << 13);
/// As [`ELEMENTS`], in bytes that are copied.
pub const BYTES: usize = least(1 << 17);
/// As [`ELEMENTS`], in multiplications of a product of matrices.
pub const PRODUCTS: usize = least(1 << 19);

/// In this library's own tests little is enough, so that all of them try what threads do.
const fn least(n: usize) -> usize {
    if cfg!(test) { n >> 7 } else { n }
}

/// The most threads that may be asked for: pieces have places on the stack for what they find.
pub const MOST: usize = 256;

/// 0 until somebody has asked or set it.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Sets how many threads large kernels may use, at most 256; 0 asks for as many as the machine has, which is what they use
/// without being told.
///
/// Work that is too small to win by it stays on the thread that asks for it, and with 1 no other thread is ever started. The
/// program's threads may all call at once: one of them at a time is helped.
///
/// The same number gives the same bits, run after run, on machines with the same instructions; with another number sums, means,
/// losses and what follows from them may differ in the last digits, while element-wise operations, matrix products, copies and
/// optimizers' steps have the same bits with any number. A number larger than the machine's is that of the pieces only.
///
/// PyTorch: `torch.set_num_threads`.
///
/// ```
/// fusion::set_num_threads(1);
/// assert_eq!(fusion::num_threads(), 1);
/// fusion::set_num_threads(0);
/// assert!(fusion::num_threads() >= 1);
/// ```
pub fn set_num_threads(n: usize) {
    THREADS.store(n.min(MOST), Ordering::Relaxed);
}

/// How many threads large kernels may use: what [`set_num_threads`] said, else as many as the machine has.
pub fn num_threads() -> usize {
    #[cfg(test)]
    if let Some(n) = crate::kernels::testing::chosen_threads() {
        return n;
    }
    if cfg!(test) && THREADS.load(Ordering::Relaxed) == 0 {
        // Also on a machine with one.
        return 3;
    }
    match THREADS.load(Ordering::Relaxed) {
        0 => {
            let n = pool::cores().min(MOST);
            THREADS.store(n, Ordering::Relaxed);
            n
        }
        n => n,
    }
}

/// Splits `0..count` into as many even ranges as there are threads, none shorter than `least` unless it is all, and calls `f`
/// with each and its number. Where they begin follows from the three numbers alone, so a sum over ranges in their order has the
/// same bits in each run with as many threads. One range is run by the caller, and no thread is woken.
///
/// # Panics
/// With the panic of a range, once the others are done.
pub fn split(count: usize, least: usize, f: impl Fn(usize, Range<usize>) + Sync) {
    let parts = pieces(count, least);
    if parts <= 1 { f(0, 0..count) } else { share(count, parts, &f) }
}

/// Not compiled for each kernel.
fn share(count: usize, parts: usize, f: &(dyn Fn(usize, Range<usize>) + Sync)) {
    let part = |part| f(part, count * part / parts..count * (part + 1) / parts);
    #[cfg(test)]
    let part = crate::kernels::testing::as_chosen_here(part);
    pool::run(parts, &part);
}

/// Into how many ranges [`split`] splits.
#[inline]
pub fn pieces(count: usize, least: usize) -> usize {
    let most = count / least.max(1);
    if most <= 1 { 1 } else { most.min(num_threads()) }
}

/// The elements of a cache line, or more; a multiple of what loops take at a time.
pub const LINE: usize = 64;

/// Into how many ranges for each thread work is spread.
const EACH: usize = 4;

/// As [`split_lines`], for work of which each element is found alone: in more ranges, if they are not too short for that, so that
/// a thread that has been stopped, or is late, leaves more to the others.
pub fn spread(count: usize, line: usize, least: usize, f: impl Fn(Range<usize>) + Sync) {
    let (lines, most) = (count.div_ceil(line), count / least.max(1));
    if most <= 1 || num_threads() == 1 {
        return f(0..count);
    }
    share(lines, most.min(EACH * num_threads()).min(lines), &|_, lines| {
        f((lines.start * line).min(count)..(lines.end * line).min(count));
    });
}

/// As [`spread`], of elements that lie one behind the other, in ranges that begin at cache lines: two threads that write to
/// one line wait for each other.
pub fn split_flat(count: usize, least: usize, f: impl Fn(Range<usize>) + Sync) {
    spread(count, LINE, least, f);
}

/// As [`split`], in ranges that begin at multiples of `line`.
pub fn split_lines(count: usize, line: usize, least: usize, f: impl Fn(usize, Range<usize>) + Sync) {
    split(count.div_ceil(line), least.div_ceil(line), |part, lines| {
        f(part, (lines.start * line).min(count)..(lines.end * line).min(count));
    });
}

/// Calls `f` with stretches of a slice, and where each begins, as [`split_flat`] splits it.
pub fn split_mut<T: Send>(all: &mut [T], least: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    apart(all, LINE, least, &f);
}

/// Calls `f` with stretches of whole rows, `width` elements each, none with fewer than `least` unless it is all, and the
/// number of the first row of each.
///
/// # Panics
/// If the width is 0, or what is there are no whole rows.
pub fn split_rows<T: Send>(rows: &mut [T], width: usize, least: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    assert!(rows.len().is_multiple_of(width), "{} elements are no rows of {width}", rows.len());
    apart(rows, width, least.saturating_mul(width), &|start, rows| f(start / width, rows));
}

/// Calls `f` with stretches of a slice that begin at multiples of `line`, and where each begins.
fn apart<T: Send>(all: &mut [T], line: usize, least: usize, f: &(impl Fn(usize, &mut [T]) + Sync)) {
    let count = all.len();
    // SAFETY: the ranges are apart.
    let start = unsafe { Across::new(all.as_mut_ptr()) };
    spread(count, line, least, |range| {
        // SAFETY: the range lies inside the slice, which is borrowed for this call, and no other call has a part of it; `T`
        // may go to another thread.
        f(range.start, unsafe { std::slice::from_raw_parts_mut(start.get().add(range.start), range.len()) });
    });
}

/// What `f` gives for each of the ranges of [`split_lines`], joined in their order.
pub fn fold<R: Copy + Send>(
    count: usize,
    line: usize,
    least: usize,
    f: impl Fn(Range<usize>) -> R + Sync,
    join: impl Fn(R, R) -> R,
) -> R {
    if pieces(count.div_ceil(line), least.div_ceil(line)) <= 1 {
        return f(0..count);
    }
    let mut found = [const { None }; MOST];
    // SAFETY: each range has a place of its own.
    let places = unsafe { Across::new(found.as_mut_ptr()) };
    split_lines(count, line, least, |part, range| {
        let result = Some(f(range));
        // SAFETY: there are no more ranges than threads, for each of which there is a place.
        unsafe { *places.get().add(part) = result };
    });
    found.into_iter().flatten().reduce(join).expect("there are ranges")
}

/// An address that threads share, each of which reads and writes elements of its own.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Apart<T>(*mut T);

// SAFETY: an address alone reads and writes nothing; who does answers for it.
unsafe impl<T: Send> Send for Apart<T> {}
// SAFETY: an address that several threads have still reads and writes nothing.
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
    pub(in crate::kernels) fn is_null(&self) -> bool {
        self.0.is_null()
    }
}

/// As `Apart`, of more than one address: what several threads use at once though its type says nothing of that.
#[derive(Clone, Copy)]
pub struct Across<T>(T);

impl<T> Across<T> {
    /// # Safety
    /// Of the threads that use it at once, none may write to what another one reads or writes.
    #[inline(always)]
    pub unsafe fn new(x: T) -> Self {
        Self(x)
    }

    /// What it holds.
    #[inline(always)]
    pub fn get(&self) -> &T {
        &self.0
    }
}

// SAFETY: whoever makes one promises it.
unsafe impl<T> Send for Across<T> {}
// SAFETY: whoever makes one promises it.
unsafe impl<T> Sync for Across<T> {}
