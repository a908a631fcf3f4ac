//! Memory that stays: reference-counted blocks, 64-byte aligned, recycled by size class.
//!
//! Every tensor's elements and every graph node live in one block: a header of one cache line, then the
//! payload. A dropped block goes to a free list of its thread; what a thread frees beyond 64 blocks of a
//! class goes to a central list, where threads that run short look before they ask the system. So a loader
//! thread's batches come back to it, and a training loop asks the system for nothing after its first steps.
//!
//! Compiled with `--cfg fusion_no_pool`, every block comes from and returns to the system at once, so that
//! AddressSanitizer sees each use after free and each overrun.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::UnsafeCell;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

/// The alignment of every payload: a cache line, and the widest vector.
pub const ALIGN: usize = 64;

/// Free blocks of one class that a thread keeps for itself.
const KEEP: usize = 64;

/// Size classes: four for each power of two, from 256 bytes to half the address space.
const CLASSES: usize = 4 * 56;

#[repr(C, align(64))]
struct Header {
    refs: AtomicUsize,
    /// The whole block's size in bytes, header included.
    size: usize,
    class: usize,
    /// The payload's length in bytes, as the owner asked for it.
    len: usize,
    /// The next free block while this one is free.
    next: *mut Header,
}

const HEAD: usize = size_of::<Header>();

/// The class of a block of `bytes`, and the size of that class: at most a quarter of a block is slack.
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
fn take(len: usize) -> Option<NonNull<Header>> {
    let bytes = len.checked_add(HEAD).filter(|&bytes| bytes <= MOST)?;
    let (class, size) = class(bytes);
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
        return Some(block);
    }
    let layout = Layout::from_size_align(size, ALIGN).expect("a block's size");
    // SAFETY: the layout's size is at least 256.
    let block = NonNull::new(unsafe { alloc(layout) }.cast::<Header>())?;
    // SAFETY: fresh memory, large and aligned enough for a header.
    unsafe { block.write(Header { refs: AtomicUsize::new(1), size, class, len, next: ptr::null_mut() }) };
    Some(block)
}

/// Takes back a block whose last reference is gone.
fn give(block: NonNull<Header>) {
    if cfg!(fusion_no_pool) {
        return release(block);
    }
    // SAFETY: the caller held the last reference; the header stays initialised while the block lives.
    let class = unsafe { block.as_ref().class };
    let kept = Pool::with(class, |list| {
        let room = list.count < KEEP;
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
struct Block(NonNull<Header>);

// SAFETY: the count is atomic, the rest of the header is written only while nobody else refers to the block, and any
// thread may free it. What may be done with the payload is decided by `Buffer` and `Shared`.
unsafe impl Send for Block {}
// SAFETY: a shared `Block` gives access to the atomic count, to what stays as it is while the block lives, and to the
// payload's address, but not to the payload.
unsafe impl Sync for Block {}

impl Block {
    fn head(&self) -> &Header {
        // SAFETY: a counted reference keeps the block alive, and only free blocks have their header written.
        unsafe { self.0.as_ref() }
    }

    /// Is this the only reference? Then nobody can make a second one meanwhile.
    fn is_unique(&self) -> bool {
        self.head().refs.load(Ordering::Acquire) == 1
    }

    fn payload(&self) -> NonNull<u8> {
        // SAFETY: every block is at least 256 bytes long.
        unsafe { self.0.cast::<u8>().add(HEAD) }
    }

    /// Drops this reference; true if it was the last.
    fn leave(&self) -> bool {
        let last = self.head().refs.fetch_sub(1, Ordering::Release) == 1;
        if last {
            fence(Ordering::Acquire);
        }
        last
    }

    fn share(&self) -> Self {
        // As in `Arc`: references that are forgotten, over and over, must not bring the count round to 0.
        if self.head().refs.fetch_add(1, Ordering::Relaxed) > isize::MAX as usize {
            std::process::abort();
        }
        Self(self.0)
    }
}

/// Shared memory for elements: a counted reference to a pooled, 64-byte aligned block of bytes.
pub struct Buffer(Block);

impl Buffer {
    /// Room for `len` bytes, not initialised: whoever fills it answers for that before anyone reads. None if the system
    /// has no memory for it.
    pub(in crate::kernels) fn uninit(len: usize) -> Option<Self> {
        let buffer = Self(Block(take(len)?));
        if cfg!(debug_assertions) {
            // SAFETY: the payload holds `len` bytes. A NaN pattern shows an element that a kernel forgot.
            unsafe { buffer.as_ptr().cast_mut().write_bytes(0xff, len) };
        }
        Some(buffer)
    }

    /// Does the system have memory for `len` bytes? They wait in the pool for whoever asks next.
    pub(in crate::kernels) fn fits(len: usize) -> bool {
        take(len).map(give).is_some()
    }

    /// Its length in bytes.
    pub fn bytes(&self) -> usize {
        self.0.head().len
    }

    /// The first byte. Writing through it needs [`Buffer::is_unique`].
    pub fn as_ptr(&self) -> *const u8 {
        self.0.payload().as_ptr()
    }

    /// Is this the only reference, so that writing is seen by nobody else?
    pub fn is_unique(&self) -> bool {
        self.0.is_unique()
    }

    /// Do both share one block?
    #[cfg(test)]
    pub fn same(&self, other: &Self) -> bool {
        self.0.0 == other.0.0
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        Self(self.0.share())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.0.leave() {
            give(self.0.0);
        }
    }
}

/// An `Arc` whose memory comes from the pool: graph nodes and traces.
pub struct Shared<T: ?Sized> {
    block: Block,
    value: NonNull<T>,
}

// SAFETY: like `Arc`: sharing a reference needs `Sync`, and the last owner, on any thread, drops the value: `Send`.
unsafe impl<T: ?Sized + Send + Sync> Send for Shared<T> {}
// SAFETY: like `Arc`: through a shared `Shared` other threads see the value, `Sync`, and make references to it that they
// may be the last to drop, `Send`.
unsafe impl<T: ?Sized + Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// Moves `value` into the pool.
    pub fn new(value: T) -> Self {
        Self::new_as(value, |value| value)
    }
}

impl<T: ?Sized> Shared<T> {
    /// Moves `value` into the pool, seen as `T` (a trait object, say): `Shared::<dyn Trait>::new_as(value, |v| v)`.
    pub fn new_as<V>(value: V, view: impl FnOnce(&mut V) -> &mut T) -> Self {
        const { assert!(align_of::<V>() <= ALIGN) };
        let block = take(size_of::<V>()).unwrap_or_else(|| handle_alloc_error(Layout::new::<V>()));
        let block = Block(block);
        let place = block.payload().cast::<V>();
        // SAFETY: the payload is fresh, aligned and large enough for a `V`; then it is one, and ours alone.
        let seen = unsafe {
            place.write(value);
            view(&mut *place.as_ptr())
        };
        // Dropping `T` must drop just this `V`.
        assert!(ptr::addr_eq(seen, place.as_ptr()) && size_of_val(seen) == size_of::<V>());
        let value = NonNull::from(seen);
        Self { block, value }
    }

    /// Gives up this reference; if it is the last, it comes back. Of several threads that give up theirs at once, just
    /// one gets it.
    pub fn into_last(self) -> Option<Self> {
        let this = ManuallyDrop::new(self);
        if !this.block.leave() {
            return None;
        }
        // Nobody else has a reference, so nobody counts meanwhile.
        this.block.head().refs.store(1, Ordering::Relaxed);
        Some(ManuallyDrop::into_inner(this))
    }
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the value lives as long as its block, which this reference keeps.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { block: self.block.share(), value: self.value }
    }
}

impl<T: ?Sized> Drop for Shared<T> {
    fn drop(&mut self) {
        if self.block.leave() {
            // SAFETY: the last reference is gone, so nobody sees the value again.
            unsafe { self.value.drop_in_place() };
            give(self.block.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_holds_what_it_is_asked_for_and_wastes_little() {
        for bytes in (1..5000).chain([1 << 20, (1 << 20) + 1, 3 << 30, 1 << 40]) {
            let (class, size) = class(bytes);
            assert!(class < CLASSES && size >= bytes && size % ALIGN == 0);
            assert!(bytes <= 256 || size * 4 <= bytes * 5 + 4, "{bytes} in {size}");
        }
    }

    #[test]
    fn a_shared_value_is_dropped_once() {
        struct Bell<'a>(&'a AtomicUsize);
        impl Drop for Bell<'_> {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let rung = AtomicUsize::new(0);
        let a = Shared::<dyn Send + Sync>::new_as(Bell(&rung), |bell| {
            // SAFETY of the test: the closure's reference is unsized, not extended.
            bell as &mut (dyn Send + Sync)
        });
        let b = a.clone();
        assert!(a.into_last().is_none());
        let b = b.into_last().expect("the last");
        assert_eq!(rung.load(Ordering::Relaxed), 0);
        let c = b.clone();
        drop(b);
        assert_eq!(rung.load(Ordering::Relaxed), 0);
        drop(c);
        assert_eq!(rung.load(Ordering::Relaxed), 1);
    }

    #[test]
    #[cfg(not(fusion_no_pool))]
    fn a_freed_block_is_taken_again() {
        let first = Buffer::uninit(100_000).unwrap();
        let at = first.as_ptr();
        drop(first);
        assert_eq!(Buffer::uninit(99_000).unwrap().as_ptr(), at);
    }

    #[test]
    fn blocks_cross_threads() {
        let (send, receive) = std::sync::mpsc::sync_channel(4);
        std::thread::scope(|s| {
            s.spawn(move || (0..1000).for_each(|_| send.send(Buffer::uninit(1 << 14).unwrap()).unwrap()));
            assert_eq!(receive.iter().count(), 1000);
        });
        trim();
    }
}
