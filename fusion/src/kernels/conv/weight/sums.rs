//! Room for sums, and sums of sums.

use crate::kernels::memory::Buffer;
use crate::kernels::simd::Vector;

/// After so many strips their sums are added to those of all.
pub const FLUSH: usize = 32;

/// Room for `count` elements, not initialised.
pub fn room(count: usize) -> Buffer {
    let bytes = count.checked_mul(size_of::<f32>()).expect("fewer bytes than can be numbered");
    Buffer::uninit(bytes).expect("memory for the sums of a convolution's weights")
}

/// Zeros for `count` elements, a multiple of the lanes.
///
/// # Safety
/// There must be room, and the machine have the instructions.
#[inline(always)]
pub unsafe fn fill<S: Vector<Elem = f32>>(to: *mut f32, count: usize) {
    for i in (0..count).step_by(S::LANES) {
        // SAFETY: the caller's promise.
        unsafe { S::zero().store(to.add(i)) };
    }
}

/// Adds `few` to `all` and leaves zeros there.
///
/// # Safety
/// Both must be `count` elements, a multiple of the lanes, and the machine have the instructions.
#[inline(always)]
pub unsafe fn flush<S: Vector<Elem = f32>>(few: *mut f32, all: *mut f32, count: usize) {
    for i in (0..count).step_by(S::LANES) {
        // SAFETY: the caller's promise.
        unsafe {
            (S::load(all.add(i)) + S::load(few.add(i))).store(all.add(i));
            S::zero().store(few.add(i));
        }
    }
}
