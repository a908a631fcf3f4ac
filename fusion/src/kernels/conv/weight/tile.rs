//! The tiles of sums over a strip.

use super::pack::Rooms;
use super::plan::{Block, Plan, Strip, tile_rows};
use crate::kernels::simd::Vector;
use std::ops::Range;

/// How a tile goes over a strip.
#[derive(Clone, Copy)]
struct Walk {
    images: usize,
    rows: usize,
    cols: usize,
    /// From an image, a row and a column to the next, of `x` and of `dy`.
    x: [usize; 3],
    dy: [usize; 3],
}

impl Walk {
    /// The same with fewer and longer loops, where rows or images follow each other without a gap.
    fn joined(mut self) -> Self {
        let follow = |steps: [usize; 3], axis: usize, count: usize| steps[axis] == steps[axis + 1] * count;
        if follow(self.x, 1, self.cols) && follow(self.dy, 1, self.cols) {
            (self.cols, self.rows) = (self.cols * self.rows, 1);
            let over = |count: usize| {
                follow([self.x[0], self.x[2], 0], 0, count) && follow([self.dy[0], self.dy[2], 0], 0, count)
            };
            if over(self.cols) {
                (self.cols, self.images) = (self.cols * self.images, 1);
            }
        }
        self
    }
}

/// Adds to the sums of a block what a strip has for them.
///
/// # Safety
/// The rooms must hold the strip's copies, `dy` must be the images of the plan, `sums` the block's, and the machine must have
/// the instructions.
#[inline(always)]
pub unsafe fn block<S: Vector<Elem = f32>>(
    plan: &Plan,
    block: &Block,
    strip: &Strip,
    dy: *const f32,
    rooms: &Rooms,
    sums: *mut f32,
) {
    let [down, across] = plan.axes;
    let run = plan.run(block);
    let [rows, cols] = strip.count;
    let x_row = across.copied(cols) * block.inputs;
    let (x, x_steps) = if plan.unfold {
        (rooms.unfolded(), [rows * cols * run, cols * run, run])
    } else {
        (rooms.x(), [down.copied(rows) * x_row, down.step() * x_row, across.step() * block.inputs])
    };
    let [height, width] = plan.s.places;
    let place = (strip.image * height + strip.first[0]) * width + strip.first[1];
    let channel = block.group * plan.outputs_each + block.output;
    let (mut sums, mut packed) = (sums, rooms.dy().cast_const());
    for tile in plan.output_tiles(block) {
        let (dy, dy_steps) = if plan.in_place {
            let step = plan.outputs;
            (dy.wrapping_add(place * step + channel + tile.at), [height * width * step, width * step, step])
        } else {
            let dy = packed;
            packed = packed.wrapping_add(strip.images * rows * cols * tile.lanes);
            (dy, [rows * cols * tile.lanes, cols * tile.lanes, tile.lanes])
        };
        for ky in 0..plan.heights() {
            let (mut x, mut dy) = (x.cast_const(), dy);
            let mut walk = Walk { images: strip.images, rows, cols, x: x_steps, dy: dy_steps };
            if !plan.unfold {
                // Rows of places that have this row of the window outside of the image add nothing.
                let Range { start, end } = plan.rows_inside(strip, ky);
                walk.rows = end - start;
                x = x.wrapping_add(ky * x_row + start * x_steps[1]);
                dy = dy.wrapping_add(start * dy_steps[1]);
            }
            let walk = walk.joined();
            if walk.rows > 0 {
                // SAFETY: the caller's promise; the tiles are those of the plan.
                unsafe {
                    match (S::LANES, tile.lanes > S::LANES) {
                        (16, false) => tiles::<S, { tile_rows(16, 1) }, 1>(&walk, run, x, dy, sums),
                        (16, true) => tiles::<S, { tile_rows(16, 2) }, 2>(&walk, run, x, dy, sums),
                        (8, false) => tiles::<S, { tile_rows(8, 1) }, 1>(&walk, run, x, dy, sums),
                        (8, true) => tiles::<S, { tile_rows(8, 2) }, 2>(&walk, run, x, dy, sums),
                        _ => tiles::<S, { tile_rows(4, 2) }, 2>(&walk, run, x, dy, sums),
                    }
                }
            }
            sums = sums.wrapping_add(run.next_multiple_of(tile.rows) * tile.lanes);
        }
    }
}

/// All tiles of one row of the window: `R` of the `run` elements under it times `V` vectors of outputs.
///
/// # Safety
/// As for [`block`].
#[inline(always)]
unsafe fn tiles<S: Vector<Elem = f32>, const R: usize, const V: usize>(
    walk: &Walk,
    run: usize,
    x: *const f32,
    dy: *const f32,
    sums: *mut f32,
) {
    let mut sums = sums;
    for first in (0..run).step_by(R) {
        // SAFETY: the caller's promise. A last tile reads beyond the run, what follows it, for sums that nobody reads.
        unsafe { tile::<S, R, V>(walk, x.add(first), dy, sums) };
        sums = sums.wrapping_add(R * V * S::LANES);
    }
}

/// One tile.
///
/// # Safety
/// As for [`block`].
#[inline(always)]
unsafe fn tile<S: Vector<Elem = f32>, const R: usize, const V: usize>(
    walk: &Walk,
    x: *const f32,
    dy: *const f32,
    sums: *mut f32,
) {
    let ([x_image, x_row, x_col], [dy_image, dy_row, dy_col]) = (walk.x, walk.dy);
    // SAFETY: the caller's promise; the walk stays in the strip.
    unsafe {
        let mut acc = [[S::zero(); V]; R];
        for i in (0..R * V * S::LANES).step_by(16) {
            S::prefetch(sums.add(i));
        }
        for image in 0..walk.images {
            let (mut xs, mut dys) = (x.add(image * x_image), dy.add(image * dy_image));
            for _ in 0..walk.rows {
                let (mut a, mut b, mut left) = (xs, dys, walk.cols);
                if cfg!(debug_assertions)
                    && S::product_rows([R, V, left], (a, 1, x_col), (b, dy_col), acc.as_mut_ptr().cast())
                {
                    left = 0;
                }
                while left >= 2 {
                    place(a, b, &mut acc);
                    place(a.wrapping_add(x_col), b.wrapping_add(dy_col), &mut acc);
                    (a, b, left) = (a.wrapping_add(2 * x_col), b.wrapping_add(2 * dy_col), left - 2);
                }
                if left > 0 {
                    place(a, b, &mut acc);
                }
                (xs, dys) = (xs.wrapping_add(x_row), dys.wrapping_add(dy_row));
            }
        }
        for r in 0..R {
            for v in 0..V {
                let to = sums.add((r * V + v) * S::LANES);
                (S::load(to) + acc[r][v]).store(to);
            }
        }
    }
}

/// Adds the products of one place.
///
/// # Safety
/// `R` elements must be at `x` and `V` vectors at `dy`, and the machine must have the instructions.
#[inline(always)]
unsafe fn place<S: Vector<Elem = f32>, const R: usize, const V: usize>(
    x: *const f32,
    dy: *const f32,
    acc: &mut [[S; V]; R],
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut g = [S::zero(); V];
        for v in 0..V {
            g[v] = S::load(dy.add(v * S::LANES));
        }
        for r in 0..R {
            let x = S::splat(*x.add(r));
            for v in 0..V {
                acc[r][v] = x.mul_add(g[v], acc[r][v]);
            }
        }
    }
}
