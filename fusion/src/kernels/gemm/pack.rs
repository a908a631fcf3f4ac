//! Copies of A and B in the order the tiles read them.

use crate::kernels::simd::{Kernel, Vector};

/// `count` panels, each `k` steps of `width` elements: step by step, the `width` elements side by side.
///
/// Element `i` of step `p` of panel `t` is `src[(t * width + i) * lane + p * step]`. It goes to
/// `dst[t * width * k + p * width + i]` where the panel is dense, or with `dst_stride` in place of `width` for a
/// single panel. Whole vectors are written, so up to [`SLACK`] elements behind the last panel are spoilt.
pub struct Pack<T> {
    pub src: *const T,
    pub lane: usize,
    pub step: usize,
    pub count: usize,
    pub width: usize,
    pub k: usize,
    pub dst: *mut T,
    pub dst_stride: usize,
}

/// How many elements behind its panels [`Pack`] may spoil: the lanes of the widest vector.
pub const SLACK: usize = 16;

impl<T: Copy> Kernel<T> for Pack<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = T>>(self) {
        let (mut src, mut dst) = (self.src, self.dst);
        // SAFETY: whoever fills in a `Pack` promises the elements of `src` and the room in `dst`, slack included.
        unsafe {
            for _ in 0..self.count {
                if self.lane == 1 {
                    copy::<S>(&self, src, dst);
                } else if self.step == 1 {
                    transpose::<S>(&self, src, dst);
                } else {
                    gather::<S>(&self, src, dst);
                }
                src = src.wrapping_add(self.width * self.lane);
                dst = dst.wrapping_add(self.dst_stride * self.k);
            }
        }
    }
}

/// The elements of a step lie side by side already.
#[inline(always)]
unsafe fn copy<S: Vector>(pack: &Pack<S::Elem>, mut src: *const S::Elem, mut dst: *mut S::Elem) {
    // SAFETY: `Pack`'s promise. Vectors are written in order, so what one spoils the next puts right.
    unsafe {
        let whole = pack.width / S::LANES;
        let rest = pack.width % S::LANES;
        let mask = S::tail(rest);
        for _ in 0..pack.k {
            for v in 0..whole {
                S::load(src.add(v * S::LANES)).store(dst.add(v * S::LANES));
            }
            if rest > 0 {
                S::load_tail(src.add(whole * S::LANES), mask).store(dst.add(whole * S::LANES));
            }
            src = src.wrapping_add(pack.step);
            dst = dst.wrapping_add(pack.dst_stride);
        }
    }
}

/// The steps of an element lie side by side.
#[inline(always)]
unsafe fn transpose<S: Vector>(pack: &Pack<S::Elem>, src: *const S::Elem, dst: *mut S::Elem) {
    // SAFETY: `Pack`'s promise. The last elements come first: what their vectors spoil at the start of the steps behind
    // them, the first elements put right.
    unsafe {
        fill::<S>(pack, dst);
        for i in (0..pack.width).step_by(S::BLOCK).rev() {
            let rows = (pack.width - i).min(S::BLOCK);
            S::transpose(src.add(i * pack.lane), pack.lane, rows, pack.k, dst.add(i), pack.dst_stride);
        }
    }
}

/// Zeros for a panel with room behind each step.
#[inline(always)]
unsafe fn fill<S: Vector>(pack: &Pack<S::Elem>, dst: *mut S::Elem) {
    if pack.dst_stride > pack.width {
        // SAFETY: `Pack`'s promise.
        unsafe {
            for i in (0..pack.dst_stride * pack.k).step_by(S::LANES) {
                S::zero().store(dst.add(i));
            }
        }
    }
}

/// Nothing lies side by side.
#[inline(always)]
unsafe fn gather<S: Vector>(pack: &Pack<S::Elem>, src: *const S::Elem, dst: *mut S::Elem) {
    // SAFETY: `Pack`'s promise.
    unsafe {
        fill::<S>(pack, dst);
        for p in 0..pack.k {
            for i in 0..pack.width {
                *dst.add(p * pack.dst_stride + i) = *src.add(i * pack.lane + p * pack.step);
            }
        }
    }
}
