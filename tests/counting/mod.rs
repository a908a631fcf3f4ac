//! A system allocator that counts what each thread asks of it. A test binary that has this module runs on it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What a piece of code asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// How often: `alloc`, `alloc_zeroed` and `realloc`.
    pub times: usize,
    /// The largest single piece, in bytes.
    pub largest: usize,
    /// The most that it held at once, in bytes.
    pub peak: usize,
    live: usize,
}

struct Counting;

thread_local! {
    static ASKED: Cell<Asked> = const { Cell::new(Asked { times: 0, largest: 0, peak: 0, live: 0 }) };
}

fn count(change: impl FnOnce(&mut Asked)) {
    // At the end of a thread there is nothing to count with, and nobody who asks.
    let _ = ASKED.try_with(|cell| {
        let mut asked = cell.get();
        change(&mut asked);
        cell.set(asked);
    });
}

fn taken(size: usize) {
    count(|asked| {
        asked.times += 1;
        asked.largest = asked.largest.max(size);
        asked.live = asked.live.wrapping_add(size);
        // What was allocated before the count began may be freed in it: then `live` is below 0.
        if asked.live < usize::MAX / 2 {
            asked.peak = asked.peak.max(asked.live);
        }
    });
}

fn freed(size: usize) {
    count(|asked| asked.live = asked.live.wrapping_sub(size));
}

// SAFETY: every call goes to the system's allocator as it came; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        taken(size);
        freed(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        freed(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Runs `f` and says what this thread asked for meanwhile.
pub fn asked<R>(f: impl FnOnce() -> R) -> (R, Asked) {
    ASKED.set(Asked::default());
    let result = f();
    (result, ASKED.get())
}
