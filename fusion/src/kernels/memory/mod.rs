//! Memory that stays: reference-counted blocks, 64-byte aligned, recycled by size class.
//!
//! Every tensor's elements and every graph node live in one block: a header of one cache line, then the
//! payload. A dropped block goes to a free list of its thread; what a thread frees beyond 64 blocks of a
//! class, and what is large, goes to a central list, where threads that run short look before they ask the system. So a loader
//! thread's batches come back to it, and a training loop asks the system for nothing after its first steps.
//!
//! Compiled with `--cfg fusion_no_pool`, every block comes from and returns to the system at once, so that
//! AddressSanitizer sees each use after free and each overrun.

mod alloc;
mod buffer;
mod scratch;
mod shared;

pub use alloc::{held, trim};
pub use buffer::Buffer;
pub use scratch::with_scratch;
pub use shared::Shared;
