//! Which way a product goes, and the loops around the tiles.

use super::dot::Dots;
use super::epilogue::{Bias, Epilogue};
use super::pack::{Pack, SLACK};
use super::tile::{SHORT, Start, Strip, THIN, Tiling};
use crate::kernels::activation::Activation;
use crate::kernels::memory::with_scratch;
use crate::kernels::parallel::{self, Across, LINE, PRODUCTS};
use std::ops::Range;

/// A matrix somewhere in memory.
#[derive(Clone, Copy)]
pub struct Operand<T> {
    pub at: *const T,
    pub row: usize,
    pub col: usize,
}

impl<T: Copy> Operand<T> {
    fn from(self, row: usize, col: usize) -> *const T {
        self.at.wrapping_add(row * self.row + col * self.col)
    }

    fn transposed(self) -> Self {
        Self { row: self.col, col: self.row, ..self }
    }
}

/// `C = A * B`, then the epilogue. Rows of C are contiguous.
#[derive(Clone, Copy)]
pub struct Problem<T> {
    pub m: usize,
    pub k: usize,
    pub n: usize,
    pub a: Operand<T>,
    pub b: Operand<T>,
    pub c: *mut T,
    pub c_row: usize,
    pub epilogue: Epilogue<*const T>,
    /// Rows of the whole result, where this is a part of it: sums are cut as for the whole.
    pub all_rows: usize,
}

impl<T: Copy> Problem<T> {
    /// What sums start from at `row` and `column`.
    fn start(&self, row: usize, column: usize) -> Start<T> {
        match self.epilogue.bias {
            None => Start::Zero,
            Some(Bias::PerRow(bias)) => Start::Rows(bias.wrapping_add(row)),
            Some(Bias::PerColumn(bias)) => Start::Columns(bias.wrapping_add(column)),
        }
    }

    /// The problem of some rows of C.
    fn rows(&self, rows: Range<usize>) -> Self {
        let mut part = Self { m: rows.len(), ..*self };
        part.a.at = self.a.from(rows.start, 0);
        part.c = self.c.wrapping_add(rows.start * self.c_row);
        if let Some(Bias::PerRow(bias)) = &mut part.epilogue.bias {
            *bias = bias.wrapping_add(rows.start);
        }
        part
    }

    /// The problem of some columns of C.
    fn columns(&self, columns: Range<usize>) -> Self {
        let mut part = Self { n: columns.len(), ..*self };
        part.b.at = self.b.from(0, columns.start);
        part.c = self.c.wrapping_add(columns.start);
        if let Some(Bias::PerColumn(bias)) = &mut part.epilogue.bias {
            *bias = bias.wrapping_add(columns.start);
        }
        part
    }

    /// Computes C in one way. Threads share its rows or its columns, in multiples of these, so that each element is found as it
    /// would be by one thread.
    ///
    /// # Safety
    /// That of the way.
    #[inline]
    unsafe fn share(&self, way: unsafe fn(&Self), multiples: [usize; 2]) {
        // What is written costs as much as a few products.
        let work = self.m.saturating_mul(self.n).saturating_mul(self.k.max(16));
        if parallel::pieces(work, PRODUCTS) <= 1 {
            // SAFETY: the caller's promise.
            return unsafe { way(self) };
        }
        // SAFETY: each range is of elements of C of its own.
        let all = unsafe { Across::new(self) };
        let [high, wide] = [self.m.div_ceil(multiples[0]), self.n.div_ceil(multiples[1])];
        if high >= wide {
            parallel::split_lines(self.m, multiples[0], PRODUCTS.div_ceil(work / self.m), |_, rows| {
                // SAFETY: the caller's promise.
                unsafe { way(&all.get().rows(rows)) };
            });
        } else {
            parallel::split_lines(self.n, multiples[1], PRODUCTS.div_ceil(work / self.n), |_, columns| {
                // SAFETY: the caller's promise.
                unsafe { way(&all.get().columns(columns)) };
            });
        }
    }

    /// The problem with the transposed result, which goes to dense rows at `c`.
    fn transposed(&self, c: *mut T) -> Self {
        Self {
            m: self.n,
            k: self.k,
            n: self.m,
            a: self.b.transposed(),
            b: self.a.transposed(),
            c,
            c_row: self.m,
            epilogue: self.epilogue.transposed(),
            all_rows: self.n,
        }
    }
}

/// Bytes of a strip of B in a block, per register of 32: with a few rows of A it fits the first-level cache.
const B_STRIP: usize = 24 << 10;
/// Bytes of A in a block: part of the second-level cache.
const A_BLOCK: usize = 192 << 10;
/// Bytes of B in a block: part of the third-level cache.
const B_BLOCK: usize = 3 << 20;
/// Bytes of a page: rows as far apart each take an entry of the processor's table of pages.
const PAGE: usize = 4 << 10;
/// So many pages stay in that table while strip after strip reads or writes a part of each.
const PAGES: usize = 64;

/// Computes C.
///
/// # Safety
/// The machine must have the instructions of `S`, and all elements must be there.
pub unsafe fn run<S: Tiling>(p: &Problem<S::Elem>) {
    if p.m == 0 || p.n == 0 {
        return;
    }
    let nr = S::VECTORS * S::LANES;
    let tile = [if p.k <= SHORT { S::SHORT_ROWS } else { S::ROWS }, nr];
    // SAFETY: the caller's promise. What lies densely in a column lies so in a row as well.
    unsafe {
        if p.k <= THIN {
            p.share(thin::<S>, tile);
        } else if p.m.min(p.n) * 8 <= p.k.min(32) && if p.m <= p.n { p.b.row == 1 } else { p.a.col == 1 } {
            dots::<S>(p);
        } else if p.n == 1 && p.m > 1 && p.c_row == 1 {
            p.transposed(p.c).share(blocks::<S>, tile);
        } else if p.n * 2 <= S::LANES && p.m >= S::LANES && p.a.row == 1 {
            // Its rows are the columns of tiles.
            p.share(narrow::<S>, [nr, p.n]);
        } else {
            p.share(blocks::<S>, tile);
        }
    }
}

/// Row by row; k is at most [`THIN`].
unsafe fn thin<S: Tiling>(p: &Problem<S::Elem>) {
    let nr = S::VECTORS * S::LANES;
    let copy = p.b.col != 1 && p.n > 1 && p.k > 0;
    let strips = |b: *const S::Elem, b_strip: usize, b_stride: usize| {
        // So many rows at once that C is written in the order of its rows.
        let rows = if p.n <= 2 * nr { p.m } else { 32 };
        for i in (0..p.m).step_by(rows) {
            for (s, j) in (0..p.n).step_by(nr).enumerate() {
                let width = nr.min(p.n - j);
                let strip = Strip {
                    count: rows.min(p.m - i),
                    k: p.k,
                    a: p.a.from(i, 0),
                    a_row: p.a.row,
                    a_col: p.a.col,
                    a_next: 0,
                    b: b.wrapping_add(s * b_strip),
                    b_stride,
                    c: p.c.wrapping_add(i * p.c_row + j),
                    c_stride: p.c_row,
                    width,
                    start: p.start(i, j),
                    activation: p.epilogue.activation,
                };
                // SAFETY: the caller's promise.
                unsafe { S::thin(width.div_ceil(S::LANES), &strip) };
            }
        }
    };
    if copy {
        let (whole, rest) = (p.n / nr, p.n % nr);
        with_scratch((whole + 1) * nr * p.k + SLACK, |room: *mut S::Elem| {
            let pack = |j: usize, count, width| Pack {
                src: p.b.from(0, j),
                lane: p.b.col,
                step: p.b.row,
                count,
                width,
                k: p.k,
                dst: room.wrapping_add(j * p.k),
                dst_stride: nr,
            };
            // SAFETY: the caller's promise, and the room.
            unsafe {
                if whole > 0 {
                    S::enter(pack(0, whole, nr));
                }
                if rest > 0 {
                    S::enter(pack(whole * nr, 1, rest));
                }
            }
            strips(room, nr * p.k, nr);
        });
    } else {
        strips(p.b.at, nr, p.b.row);
    }
}

/// By dot products, for few rows and contiguous columns of B or few columns and contiguous rows of A.
unsafe fn dots<S: Tiling>(p: &Problem<S::Elem>) {
    let dots = if p.m <= p.n {
        Dots {
            m: p.m,
            n: p.n,
            k: p.k,
            a: p.a.at,
            a_row: p.a.row,
            b: p.b.at,
            b_col: p.b.col,
            c: p.c,
            c_row: p.c_row,
            c_col: 1,
            epilogue: p.epilogue,
        }
    } else {
        Dots {
            m: p.n,
            n: p.m,
            k: p.k,
            a: p.b.at,
            a_row: p.b.col,
            b: p.a.at,
            b_col: p.a.row,
            c: p.c,
            c_row: 1,
            c_col: p.c_row,
            epilogue: p.epilogue.transposed(),
        }
    };
    // The few rows may lie in any way: where they are not contiguous they are copied.
    let step = if p.m <= p.n { p.a.col } else { p.b.row };
    if step == 1 {
        // SAFETY: the caller's promise.
        return unsafe { share_dots::<S>(dots) };
    }
    with_scratch(dots.m * p.k + SLACK, |room: *mut S::Elem| {
        // SAFETY: the caller's promise, and the room.
        unsafe {
            S::enter(Pack {
                src: dots.a,
                lane: step,
                step: dots.a_row,
                count: 1,
                width: p.k,
                k: dots.m,
                dst: room,
                dst_stride: p.k,
            });
            share_dots::<S>(Dots { a: room, a_row: p.k, ..dots });
        }
    });
}

/// Computes dot products; threads share the columns.
///
/// # Safety
/// The machine must have the instructions of `S`, and all elements must be there.
unsafe fn share_dots<S: Tiling>(dots: Dots<S::Elem>) {
    // SAFETY: each range is of elements of C of its own.
    let all = unsafe { Across::new(dots) };
    let &Dots { m, n, k, .. } = all.get();
    // Few rows: what takes the time is that B comes from memory.
    let least = PRODUCTS.div_ceil(k * m.max(4));
    parallel::split_lines(n, LINE, least, |_, columns| {
        let all = all.get();
        let (b, c) = (all.b.wrapping_add(columns.start * all.b_col), all.c.wrapping_add(columns.start * all.c_col));
        let mut part = Dots { n: columns.len(), b, c, ..*all };
        if let Some(Bias::PerColumn(bias)) = &mut part.epilogue.bias {
            *bias = bias.wrapping_add(columns.start);
        }
        // SAFETY: the caller's promise.
        unsafe { S::enter(part) };
    });
}

/// By way of the transposed result, for few columns and contiguous columns of A: vectors stand along the rows then.
unsafe fn narrow<S: Tiling>(p: &Problem<S::Elem>) {
    with_scratch(2 * (p.m * p.n + SLACK), |room: *mut S::Elem| {
        let rows = room.wrapping_add(p.m * p.n + SLACK);
        // SAFETY: the caller's promise, and the room.
        unsafe {
            blocks::<S>(&p.transposed(room));
            S::enter(Pack { src: room, lane: p.m, step: 1, count: 1, width: p.n, k: p.m, dst: rows, dst_stride: p.n });
            for i in 0..p.m {
                for j in 0..p.n {
                    *p.c.add(i * p.c_row + j) = *rows.add(i * p.n + j);
                }
            }
        }
    });
}

/// How a product is cut up.
struct Plan {
    /// Rows of a tile.
    mr: usize,
    kc: usize,
    mc: usize,
    nc: usize,
    pack_a: bool,
    /// Are whole strips of B copied too? (Parts of one always are.)
    pack_b: bool,
    /// How many strips of B are kept.
    b_slots: usize,
}

impl Plan {
    fn new<S: Tiling>(p: &Problem<S::Elem>) -> Self {
        let bytes = size_of::<S::Elem>();
        let mr = if p.k <= SHORT { S::SHORT_ROWS } else { S::ROWS };
        let nr = S::VECTORS * S::LANES;
        // Most products are small: the divisions would cost them more than their share.
        let mut k_max = B_STRIP / bytes / nr * (S::ROWS / 6);
        // Rows of B or C that lie pages apart are taken a few at a time, in a thread's part as in the whole.
        let far = |row: usize| row * bytes >= PAGE;
        let few = p.all_rows <= 4 * mr && p.k > PAGES && p.b.col == 1 && far(p.b.row);
        let short = p.k <= SHORT && p.m > PAGES && far(p.c_row);
        if few {
            k_max = PAGES;
        }
        let kc = if p.k <= k_max { p.k } else { p.k.div_ceil(p.k.div_ceil(k_max)).next_multiple_of(8) };
        let mc = if short {
            PAGES / mr * mr
        } else if p.m * kc * bytes <= A_BLOCK {
            p.m
        } else {
            let most = (A_BLOCK / bytes / kc / mr * mr).max(mr);
            p.m.div_ceil(p.m.div_ceil(most)).next_multiple_of(mr)
        };
        let b_block = if short { A_BLOCK } else { B_BLOCK };
        let nc = if p.n * kc * bytes <= b_block { p.n } else { (b_block / bytes / kc / nr * nr).max(nr) };
        let a_ready = p.a.col == 1 || p.a.row == 1 || p.m == 1;
        let b_ready = p.b.col == 1 || p.n == 1;
        let pack_a = !a_ready || (p.n > 8 * nr && p.m > mr && p.k > 16);
        let pack_b = !b_ready || (p.m > 4 * mr && p.k > 16);
        // With a single block of A, each strip of B is copied just before its only use.
        let b_slots = if mc < p.m && pack_b { nc.div_ceil(nr) } else { 1 };
        Self { mr, kc, mc, nc, pack_a, pack_b, b_slots }
    }
}

/// By tiles.
unsafe fn blocks<S: Tiling>(p: &Problem<S::Elem>) {
    let plan = Plan::new::<S>(p);
    let nr = S::VECTORS * S::LANES;
    let a_room = if plan.pack_a { (plan.mc * plan.kc + SLACK).next_multiple_of(16) } else { 0 };
    let b_room = if plan.pack_b || p.n % S::LANES > 0 { plan.b_slots * nr * plan.kc + SLACK } else { 0 };
    let all = |room: *mut S::Elem| {
        let b_copy = room.wrapping_add(a_room);
        for j in (0..p.n).step_by(plan.nc) {
            let nc = plan.nc.min(p.n - j);
            for q in (0..p.k).step_by(plan.kc) {
                let kc = plan.kc.min(p.k - q);
                for i in (0..p.m).step_by(plan.mc) {
                    let mc = plan.mc.min(p.m - i);
                    // SAFETY: the caller's promise; the block lies inside, the scratch has room for it.
                    unsafe { block::<S>(p, &plan, room, b_copy, [i, q, j], [mc, kc, nc]) };
                }
            }
        }
    };
    if a_room + b_room > 0 { with_scratch(a_room + b_room, all) } else { all(std::ptr::null_mut()) }
}

/// One block: `mc` rows of A from `i`, `kc` columns from `q`, `nc` columns of B from `j`.
unsafe fn block<S: Tiling>(
    p: &Problem<S::Elem>,
    plan: &Plan,
    a_copy: *mut S::Elem,
    b_copy: *mut S::Elem,
    [i, q, j]: [usize; 3],
    [mc, kc, nc]: [usize; 3],
) {
    let (mr, nr) = (plan.mr, S::VECTORS * S::LANES);
    // Two divisions by constants are faster than one by `mr`.
    let tiles = if mr == S::ROWS { mc / S::ROWS } else { mc / S::SHORT_ROWS };
    let rest = mc - tiles * mr;
    // The rows of A from `row` on, `height` to a tile.
    let rows = !plan.pack_a && p.a.col == 1;
    let a_panel = |row: usize| {
        if plan.pack_a { a_copy.wrapping_add(row * kc).cast_const() } else { p.a.from(i + row, q) }
    };
    // SAFETY: the caller's promise.
    unsafe {
        if plan.pack_a {
            let pack = |row: usize, count, width| Pack {
                src: p.a.from(i + row, q),
                lane: p.a.row,
                step: p.a.col,
                count,
                width,
                k: kc,
                dst: a_copy.wrapping_add(row * kc),
                dst_stride: width,
            };
            if tiles > 0 {
                S::enter(pack(0, tiles, mr));
            }
            if rest > 0 {
                S::enter(pack(tiles * mr, 1, rest));
            }
        }
        for (s, jr) in (0..nc).step_by(nr).enumerate() {
            let width = nr.min(nc - jr);
            let vectors = width.div_ceil(S::LANES);
            let column = j + jr;
            let (b, b_stride) = if plan.pack_b || width < vectors * S::LANES {
                let slot = if plan.b_slots > 1 { s } else { 0 };
                let dst = b_copy.wrapping_add(slot * nr * kc);
                let dst_stride = vectors * S::LANES;
                if i == 0 || plan.b_slots == 1 {
                    S::enter(Pack {
                        src: p.b.from(q, column),
                        lane: p.b.col,
                        step: p.b.row,
                        count: 1,
                        width,
                        k: kc,
                        dst,
                        dst_stride,
                    });
                }
                (dst.cast_const(), dst_stride)
            } else {
                (p.b.from(q, column), p.b.row)
            };
            let strip = |row: usize, count, height: usize| Strip {
                count,
                k: kc,
                a: a_panel(row),
                a_row: p.a.row,
                a_col: if plan.pack_a { height } else { p.a.col },
                a_next: if plan.pack_a { height * kc } else { height * p.a.row },
                b,
                b_stride,
                c: p.c.wrapping_add((i + row) * p.c_row + column),
                c_stride: p.c_row,
                width,
                start: if q > 0 { Start::C } else { p.start(i + row, column) },
                activation: if q + kc >= p.k { p.epilogue.activation } else { Activation::Identity },
            };
            if tiles > 0 {
                S::strip(mr, vectors, rows, &strip(0, tiles, mr));
            }
            if rest > 0 {
                S::strip(rest, vectors, rows, &strip(tiles * mr, 1, rest));
            }
        }
    }
}
