//! The memory of elements.

use super::alloc::{Block, give, take};

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

#[cfg(test)]
mod tests {
    use super::*;

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
        super::super::trim();
    }
}
