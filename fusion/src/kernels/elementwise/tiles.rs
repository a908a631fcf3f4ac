//! Tiles: operands that do not lie one element behind the other, brought into stack memory where they do, in pieces that
//! stay in the nearest cache.

use crate::kernels::array::layout::MAX_RANK;
use crate::kernels::array::walk::Walk;
use std::mem::MaybeUninit;

/// The room for a tile's elements.
pub const BYTES: usize = 2048;

/// From this number of elements on a call of `memcpy` pays.
const MEMCPY: usize = 8;

/// What may be written behind a tile's elements: three of them.
const SLACK: usize = 3 * size_of::<u64>();

/// Where a walk has come to along one operand.
#[derive(Clone, Copy)]
pub struct Cursor {
    index: [usize; MAX_RANK],
    offset: usize,
}

impl Cursor {
    /// At its start.
    pub const START: Self = Self { index: [0; MAX_RANK], offset: 0 };

    /// Steps over `count` elements of a row, or over `rows` whole rows up to the end of the second axis.
    #[inline(always)]
    fn advance<const K: usize>(&mut self, walk: &Walk<K>, k: usize, count: usize, rows: usize) {
        let axes = walk.axes();
        self.index[0] += count;
        self.offset += count * axes[0].step[k];
        let mut axis = 0;
        while self.index[axis] == axes[axis].n {
            self.offset -= axes[axis].n * axes[axis].step[k];
            self.index[axis] = 0;
            let steps = if axis == 0 { rows } else { 1 };
            axis += 1;
            let Some(next) = axes.get(axis) else { return };
            self.index[axis] += steps;
            self.offset += steps * next.step[k];
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

    /// Repeats the first `once` bytes until there are `all`.
    ///
    /// # Safety
    /// The first ones must be laid down, and all have room.
    pub unsafe fn repeat(&mut self, once: usize, all: usize) {
        let start = self.0.as_mut_ptr().cast::<u8>();
        let mut done = once;
        while done < all {
            let count = done.min(all - done);
            // SAFETY: as many bytes are done, and there is room for all.
            unsafe { start.copy_to_nonoverlapping(start.add(done), count) };
            done += count;
        }
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
    let (row, step) = (walk.inner().n, walk.inner().step[k]);
    let next = walk.axes().get(1).map_or(0, |axis| axis.step[k]);
    let end = out.wrapping_add(n);
    while out < end {
        // A part of a row, or all rows up to the end of the second axis.
        let left = (end as usize - out as usize) / size_of::<E>();
        let (count, rows) = if cursor.index[0] > 0 || left < row {
            (left.min(row - cursor.index[0]), 1)
        } else {
            (row, (left / row).min(walk.axes().get(1).map_or(1, |axis| axis.n - cursor.index[1])))
        };
        let mut line = cursor.offset;
        for _ in 0..rows {
            // SAFETY: the walk's offsets lie inside the operand, and `out` has room for what is left and the slack.
            unsafe {
                let from = from.add(line);
                if step == 0 {
                    let x = [*from; 4];
                    for i in (0..count).step_by(4) {
                        out.add(i).cast::<[E; 4]>().write_unaligned(x);
                    }
                } else if step == 1 && count >= MEMCPY {
                    from.copy_to_nonoverlapping(out, count);
                } else {
                    for i in 0..count {
                        *out.add(i) = *from.add(i * step);
                    }
                }
                out = out.add(count);
            }
            line += next;
        }
        cursor.advance(walk, k, count, rows);
    }
}
