//! Tiles: operands that do not lie one element behind the other, brought into stack memory where they do, in pieces that
//! stay in the nearest cache.

use crate::kernels::array::layout::MAX_RANK;
use crate::kernels::array::walk::Walk;
use crate::kernels::simd::MAX_LANES;
use std::mem::MaybeUninit;

/// The room for a tile's elements.
pub const BYTES: usize = 4096;

/// What may be written behind a tile's elements.
const SLACK: usize = 16;

/// One element in all lanes of the widest vector.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Lanes([MaybeUninit<u64>; MAX_LANES]);

impl Lanes {
    /// Nothing yet.
    pub const EMPTY: Self = Self([MaybeUninit::uninit(); MAX_LANES]);

    /// Takes the element at `from` of `size` bytes, 4 or 8, and tells where the lanes start.
    ///
    /// # Safety
    /// `from` must be valid for reading it.
    #[inline(always)]
    pub unsafe fn fill(&mut self, from: *const u8, size: usize) -> *const u8 {
        let start = self.0.as_mut_ptr();
        // SAFETY: the caller's promise; there is room for as many elements of 8 bytes.
        unsafe {
            match size {
                4 => start.cast::<[u32; MAX_LANES]>().write([from.cast::<u32>().read(); MAX_LANES]),
                _ => start.cast::<[u64; MAX_LANES]>().write([from.cast::<u64>().read(); MAX_LANES]),
            }
        }
        start.cast_const().cast()
    }
}

/// Where a walk has come to along one operand.
#[derive(Clone, Copy)]
pub struct Cursor {
    index: [usize; MAX_RANK],
    offset: usize,
}

impl Cursor {
    /// At its start.
    pub const START: Self = Self { index: [0; MAX_RANK], offset: 0 };

    /// Steps over the end of an innermost row.
    #[inline(always)]
    fn carry<const K: usize>(&mut self, walk: &Walk<K>, k: usize) {
        let axes = walk.axes();
        let mut axis = 0;
        while self.index[axis] == axes[axis].n {
            self.offset -= axes[axis].n * axes[axis].step[k];
            self.index[axis] = 0;
            axis += 1;
            let Some(next) = axes.get(axis) else { return };
            self.index[axis] += 1;
            self.offset += next.step[k];
        }
    }
}

/// The elements of an operand, one behind the other.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Tile(MaybeUninit<[u8; BYTES + SLACK]>);

impl Tile {
    /// Nothing yet.
    pub const EMPTY: Self = Self(MaybeUninit::uninit());

    /// Where the elements start.
    pub fn start(&self) -> *const u8 {
        self.0.as_ptr().cast()
    }

    /// Lays down the next `n` elements of `size` bytes, 4 or 8, of operand `k` of the walk, which starts at `from`.
    ///
    /// # Safety
    /// The walk must stay inside the operand and have as many elements left; they must have room.
    pub unsafe fn fill<const K: usize>(
        &mut self,
        walk: &Walk<K>,
        k: usize,
        cursor: &mut Cursor,
        from: *const u8,
        size: usize,
        n: usize,
    ) {
        let out = self.0.as_mut_ptr();
        // SAFETY: the caller's promise.
        unsafe {
            match size {
                4 => fill::<u32, K>(out.cast(), walk, k, cursor, from.cast(), n),
                _ => fill::<u64, K>(out.cast(), walk, k, cursor, from.cast(), n),
            }
        }
    }
}

/// As [`Tile::fill`], of elements of the size of `E`.
///
/// # Safety
/// As there.
unsafe fn fill<E: Copy, const K: usize>(
    mut out: *mut E,
    walk: &Walk<K>,
    k: usize,
    cursor: &mut Cursor,
    from: *const E,
    n: usize,
) {
    let (row, step, mut left) = (walk.inner().n, walk.inner().step[k], n);
    while left > 0 {
        let count = left.min(row - cursor.index[0]);
        // SAFETY: the walk's offsets lie inside the operand, and `out` has room for what is left and the slack.
        unsafe {
            let from = from.add(cursor.offset);
            if step == 0 {
                let x = [*from; 2];
                for i in (0..count).step_by(2) {
                    out.add(i).cast::<[E; 2]>().write_unaligned(x);
                }
            } else {
                for i in 0..count {
                    *out.add(i) = *from.add(i * step);
                }
            }
            out = out.add(count);
        }
        left -= count;
        cursor.index[0] += count;
        cursor.offset += count * step;
        cursor.carry(walk, k);
    }
}
