//! Blocks of memory, counted and recycled.

use std::alloc::{Layout, alloc, dealloc};
use std::cell::{Cell, UnsafeCell};
use std::ptr::{self, NonNull};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

/// The alignment of every payload: a cache line, and the widest vector.
pub(super) const ALIGN: usize = 64;

/// Free blocks of one class that a thread keeps for itself.
const KEEP: usize = 64;

/// A payload from which on a block goes to the central list at once: the lock costs nothing beside what is done with as many
/// elements, and a thread that only frees, as a training loop does with the batches of a loader, would keep much.
const LARGE: usize = 256 << 10;

/// Size classes: four for each power of two, from 256 bytes to half the address space.
const CLASSES: usize = 4 * 56;

#[repr(C, align(64))]
pub(super) struct Header {
    pub(super) refs: AtomicUsize,
    /// The whole block's size in bytes, header included.
    size: usize,
    class: usize,
    /// The payload's length in bytes, as the owner asked for it.
    pub(super) len: usize,
    /// The next free block while this one is free.
    next: *mut Header,
}

const HEAD: usize = size_of::<Header>();

/// The class of a payload of `bytes`, and the size of that class: at most a quarter of a block is slack.
const fn class(bytes: usize) -> (usize, usize) {
    let last = (if bytes > 256 { bytes } else { 256 }) - 1;
    let log = last.ilog2() as usize;
    let quarter = last >> (log - 2); // 4, 5, 6 or 7
    ((log - 7) * 4 + (quarter & 3), (quarter + 1) << (log - 2))
}

#[derive(Clone, Copy)]
struct FreeList {
    first: *mut Header,
    count: usize,
}

impl FreeList {
    const EMPTY: Self = Self { first: ptr::null_mut(), count: 0 };

    fn pop(&mut self) -> Option<NonNull<Header>> {
        let block = NonNull::new(self.first)?;
        // SAFETY: a listed block is free, so this list is its only owner, and its header is initialised.
        self.first = unsafe { block.as_ref().next };
        self.count -= 1;
        Some(block)
    }

    /// Takes over a block that nobody else refers to.
    fn push(&mut self, mut block: NonNull<Header>) {
        // SAFETY: the caller gives up the only reference.
        unsafe { block.as_mut().next = self.first };
        self.first = block.as_ptr();
        self.count += 1;
    }
}

struct Pool(UnsafeCell<[FreeList; CLASSES]>);

struct Central([FreeList; CLASSES]);
// SAFETY: the lists own their blocks, and blocks are plain memory that any thread may free or reuse.
unsafe impl Send for Central {}

thread_local! { static POOL: Pool = const { Pool(UnsafeCell::new([FreeList::EMPTY; CLASSES])) } }
static CENTRAL: Mutex<Central> = Mutex::new(Central([FreeList::EMPTY; CLASSES]));

/// What this thread has taken and not given back, and the most that it was, in bytes. What it gives back of another thread's
/// makes it less than nothing.
#[derive(Clone, Copy)]
struct Held {
    now: isize,
    most: isize,
}

thread_local! { static HELD: Cell<Held> = const { Cell::new(Held { now: 0, most: 0 }) } }

fn hold(bytes: isize) {
    // A thread past its end holds nothing.
    let _ = HELD.try_with(|held| {
        let Held { now, most } = held.get();
        let now = now + bytes;
        held.set(Held { now, most: most.max(now) });
    });
}

/// Runs `f`, and says how many bytes this thread held at most meanwhile, and how many it holds now, beyond what it held
/// before: elements of arrays and nodes of graphs, without what waits in the pool.
pub fn held<R>(f: impl FnOnce() -> R) -> (R, [usize; 2]) {
    let before = HELD.get().now;
    HELD.set(Held { now: before, most: before });
    let result = f();
    let after = HELD.get();
    (result, [after.most, after.now].map(|bytes| usize::try_from(bytes - before).unwrap_or(0)))
}

fn central() -> std::sync::MutexGuard<'static, Central> {
    CENTRAL.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Pool {
    /// Runs `f` on this thread's list of `class`, unless the thread is already past its end.
    fn with<R>(class: usize, f: impl FnOnce(&mut FreeList) -> R) -> Option<R> {
        // SAFETY: the cell is this thread's own, and `f` (push or pop) does not come back here.
        POOL.try_with(|pool| f(unsafe { &mut (*pool.0.get())[class] })).ok()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut central = central();
        for (list, all) in self.0.get_mut().iter_mut().zip(&mut central.0) {
            while let Some(block) = list.pop() {
                all.push(block);
            }
        }
    }
}

/// The most bytes that a block is asked for. Half the address space is more than any machine has; in tests it is less, so
/// that what there is no room for does not depend on the machine.
const MOST: usize = if cfg!(test) { 1 << 28 } else { isize::MAX as usize / 2 };

/// A block with one reference and room for `len` bytes; none if the system has no memory for it.
pub(super) fn take(len: usize) -> Option<NonNull<Header>> {
    if len > MOST {
        return None;
    }
    // The class is that of the payload: tensors are often as long as a power of two, and then fill their blocks.
    let (class, size) = class(len);
    let reused = if cfg!(fusion_no_pool) {
        None
    } else {
        Pool::with(class, FreeList::pop).flatten().or_else(|| central().0[class].pop())
    };
    if let Some(mut block) = reused {
        // SAFETY: popped from a free list, so this is its only reference.
        let head = unsafe { block.as_mut() };
        *head.refs.get_mut() = 1;
        head.len = len;
        hold(len as isize);
        return Some(block);
    }
    let size = size + HEAD;
    let layout = Layout::from_size_align(size, ALIGN).expect("a block's size");
    // SAFETY: the layout's size is at least 256.
    let block = NonNull::new(unsafe { alloc(layout) }.cast::<Header>())?;
    // SAFETY: fresh memory, large and aligned enough for a header.
    unsafe { block.write(Header { refs: AtomicUsize::new(1), size, class, len, next: ptr::null_mut() }) };
    hold(len as isize);
    Some(block)
}

/// Takes back a block whose last reference is gone.
pub(super) fn give(block: NonNull<Header>) {
    // SAFETY: the caller held the last reference; the header stays initialised while the block lives.
    hold(-(unsafe { block.as_ref().len } as isize));
    if cfg!(fusion_no_pool) {
        return release(block);
    }
    // SAFETY: nobody else has the block by now, and the pool gets it below: until then its header stays initialised.
    let (class, size) = unsafe { (block.as_ref().class, block.as_ref().size) };
    let kept = Pool::with(class, |list| {
        let room = list.count < KEEP && size < LARGE;
        if room {
            list.push(block);
        }
        room
    });
    if kept != Some(true) {
        central().0[class].push(block);
    }
}

fn release(block: NonNull<Header>) {
    // SAFETY: allocated by `take` with this size and alignment, and nobody refers to it any more.
    unsafe { dealloc(block.as_ptr().cast(), Layout::from_size_align_unchecked(block.as_ref().size, ALIGN)) }
}

/// Gives this thread's and the central free memory back to the system (PyTorch's `empty_cache`).
///
/// ```
/// fusion::trim_memory();
/// ```
pub fn trim() {
    let mut central = central();
    for (class, list) in central.0.iter_mut().enumerate() {
        while let Some(block) = list.pop().or_else(|| Pool::with(class, FreeList::pop).flatten()) {
            release(block);
        }
    }
}

/// One counted reference to a block.
pub(super) struct Block(pub(super) NonNull<Header>);

// SAFETY: the count is atomic, the rest of the header is written only while nobody else refers to the block, and any
// thread may free it. What may be done with the payload is decided by `Buffer` and `Shared`.
unsafe impl Send for Block {}
// SAFETY: a shared `Block` gives access to the atomic count, to what stays as it is while the block lives, and to the
// payload's address, but not to the payload.
unsafe impl Sync for Block {}

impl Block {
    pub(super) fn head(&self) -> &Header {
        // SAFETY: a counted reference keeps the block alive, and only free blocks have their header written.
        unsafe { self.0.as_ref() }
    }

    /// Is this the only reference? Then nobody can make a second one meanwhile.
    pub(super) fn is_unique(&self) -> bool {
        self.head().refs.load(Ordering::Acquire) == 1
    }

    pub(super) fn payload(&self) -> NonNull<u8> {
        // SAFETY: every block is at least 256 bytes long.
        unsafe { self.0.cast::<u8>().add(HEAD) }
    }

    /// Drops this reference; true if it was the last.
    pub(super) fn leave(&self) -> bool {
        let last = self.head().refs.fetch_sub(1, Ordering::Release) == 1;
        if last {
            fence(Ordering::Acquire);
        }
        last
    }

    pub(super) fn share(&self) -> Self {
        // As in `Arc`: references that are forgotten, over and over, must not bring the count round to 0.
        if self.head().refs.fetch_add(1, Ordering::Relaxed) > isize::MAX as usize {
            std::process::abort();
        }
        Self(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_counted() {
        use super::super::Buffer;
        let first = Buffer::uninit(1000).unwrap();
        let (second, counts) = held(|| {
            drop(Buffer::uninit(5000).unwrap());
            Buffer::uninit(3000).unwrap()
        });
        assert_eq!(counts, [5000, 3000]);
        assert_eq!(held(|| drop((first, second))).1, [0, 0]);
    }

    #[test]
    #[cfg(not(fusion_no_pool))]
    fn a_thread_that_only_frees_keeps_nothing_large() {
        use super::super::Buffer;
        // No other test has blocks of this class.
        let make = || Buffer::uninit(37 << 20).unwrap();
        let mut places: Vec<usize> = (0..8)
            .map(|_| {
                let made = std::thread::scope(|scope| scope.spawn(make).join().unwrap());
                made.as_ptr() as usize
            })
            .collect();
        places.dedup();
        assert_eq!(places.len(), 1);
    }

    #[test]
    fn a_class_holds_what_it_is_asked_for_and_wastes_little() {
        for bytes in (1..5000).chain([1 << 20, (1 << 20) + 1, 3 << 30, 1 << 40]) {
            let (class, size) = class(bytes);
            assert!(class < CLASSES && size >= bytes && size % ALIGN == 0);
            assert!(bytes <= 256 || size * 4 <= bytes * 5 + 4, "{bytes} in {size}");
        }
    }
}
