//! The memory of what is shared.

use super::alloc::{ALIGN, Block, give, take};
use std::alloc::{Layout, handle_alloc_error};
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::Ordering;

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
    use std::sync::atomic::AtomicUsize;

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
}
