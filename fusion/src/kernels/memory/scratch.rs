//! Room that loops copy their operands to, in the order in which they read them.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;

/// Memory that a thread keeps for copies.
struct Scratch {
    at: NonNull<u8>,
    bytes: usize,
}

const ALIGN: usize = 64;

impl Scratch {
    const EMPTY: Self = Self { at: NonNull::dangling(), bytes: 0 };

    #[cold]
    fn with_room(bytes: usize) -> Self {
        let bytes = bytes.next_multiple_of(4096);
        let layout = Layout::from_size_align(bytes, ALIGN).expect("a size below isize::MAX");
        // SAFETY: `bytes` is not 0.
        let at = unsafe { alloc(layout) };
        Self { at: NonNull::new(at).unwrap_or_else(|| handle_alloc_error(layout)), bytes }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.bytes > 0 {
            // SAFETY: `with_room` made it with this layout.
            unsafe { dealloc(self.at.as_ptr(), Layout::from_size_align_unchecked(self.bytes, ALIGN)) };
        }
    }
}

thread_local! {
    static SCRATCH: Cell<Scratch> = const { Cell::new(Scratch::EMPTY) };
}

/// Calls `f` with room for `len` elements, aligned for any vector, uninitialised. The thread keeps it for the next
/// call, so only growing asks the system.
pub fn with_scratch<T, R>(len: usize, f: impl FnOnce(*mut T) -> R) -> R {
    let bytes = len.checked_mul(size_of::<T>()).expect("a size below isize::MAX");
    // The room is taken out while it is used: a call inside `f` gets its own.
    let mut scratch = SCRATCH.try_with(|cell| cell.replace(Scratch::EMPTY)).unwrap_or(Scratch::EMPTY);
    if scratch.bytes < bytes {
        scratch = Scratch::with_room(bytes);
    }
    let result = f(scratch.at.as_ptr().cast());
    // While the thread ends there is nowhere to keep it.
    let _ = SCRATCH.try_with(|cell| cell.set(scratch));
    result
}
