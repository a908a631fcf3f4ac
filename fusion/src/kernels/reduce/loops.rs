//! The loops behind reductions.

use crate::kernels::array::walk::{AxisOf, Walk};
use crate::kernels::reduce::fold::{Fold, Max, Min, Sum};
use crate::kernels::reduce::short;
use crate::kernels::simd::{Float, MAX_LANES, Mask, Routine, Table, Vector};
use std::marker::PhantomData;

/// How many elements each lane takes before its result is joined with what was before: sums of `f64` lose something in
/// each step, sums of `f32` in `f64` as good as nothing.
#[inline(always)]
pub fn block<V: Vector>() -> usize {
    if size_of::<V::Elem>() == size_of::<f64>() { 64 } else { 4096 }
}

/// The code of a fold, for each type of elements and instruction set.
pub struct Code {
    /// The result of nothing.
    pub start: f64,
    /// Folds along walks whose innermost axis is contiguous.
    pub walk: Table<Reduction, ()>,
    /// The same whatever the steps.
    pub strided: [unsafe fn(&Reduction); 2],
    /// Folds short rows.
    pub short: Table<ShortRows, ()>,
    /// The bytes of a result so far.
    pub so_far: usize,
    /// Joins results so far.
    pub close: [unsafe fn(&Closing); 2],
}

impl Code {
    /// That of the fold `F`.
    const fn of<F: Fold>() -> Self {
        Self {
            start: F::START,
            walk: Table::of::<Walked<F>>(),
            strided: [strided::<f32, F>, strided::<f64, F>],
            short: Table::of::<Short<F>>(),
            so_far: size_of::<F::Running>(),
            close: [close::<f32, F>, close::<f64, F>],
        }
    }
}

/// Sums.
pub static SUM: Code = Code::of::<Sum>();
/// The largest elements.
pub static MAX: Code = Code::of::<Max>();
/// The smallest elements.
pub static MIN: Code = Code::of::<Min>();

/// `rows` contiguous rows of `n` elements, at most [`SHORT`], each of which is folded to one result and divided by `by`.
pub struct ShortRows {
    pub out: *mut u8,
    pub a: *const u8,
    pub rows: usize,
    pub n: usize,
    pub by: f64,
}

/// Folds [`ShortRows`], a lane for each row.
struct Short<F>(PhantomData<F>);

impl<T: Float, F: Fold> Routine<T> for Short<F> {
    type Args = ShortRows;
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(args: &ShortRows) {
        let ShortRows { out, a, rows, n, by } = *args;
        let (out, a) = (out.cast::<T>(), a.cast::<T>());
        let mut scratch = short::scratch();
        for i in (0..rows).step_by(V::LANES) {
            let count = V::LANES.min(rows - i);
            // SAFETY: `count` rows of `n` elements, at most `SHORT`, from `i * n` on, for which the scratch has room; and as
            // many results, which the mask says.
            unsafe {
                short::gather::<V>(&mut scratch, a.add(i * n), n, count);
                let mut lanes = F::start::<V>();
                for k in 0..n {
                    lanes = F::push(lanes, V::load(scratch.as_ptr().add(k * V::LANES)));
                }
                rounded::<V>(F::each::<V>(lanes), by).store_tail(out.add(i), V::tail(count));
            }
        }
    }
}

/// The results of a vector's lanes, divided by `by` and rounded once.
///
/// # Safety
/// The machine must have the instructions of `V`.
#[inline(always)]
unsafe fn rounded<V: Vector>(each: [f64; MAX_LANES], by: f64) -> V {
    let mut x = [V::Elem::ZERO; MAX_LANES];
    for (x, &each) in x[..V::LANES].iter_mut().zip(&each) {
        *x = V::Elem::from_f64(if by == 1.0 { each } else { each / by });
    }
    // SAFETY: the array holds as many elements as the widest vector; the machine has the instructions, as the caller
    // promises.
    unsafe { V::load(x.as_ptr()) }
}

/// What is folded: `a` along the walk `reduced` for every step of the walk `kept` over `a` and `out`; and divided by `by`.
/// Each result stands for `repeat` equal ones. If it goes on, results so far are what goes to `out`.
#[derive(Clone, Copy)]
pub struct Reduction {
    pub out: *mut u8,
    pub a: *const u8,
    /// Is the innermost axis, along which `a`'s elements lie closest, kept?
    pub columns: bool,
    pub kept: *const Walk<2>,
    pub reduced: *const Walk<1>,
    pub repeat: usize,
    pub by: f64,
    pub goes_on: bool,
}

impl Reduction {
    /// Puts the result so far of element `at` of `out` there.
    ///
    /// # Safety
    /// The element must be there.
    #[inline(always)]
    unsafe fn put<T: Float, F: Fold>(&self, at: usize, running: F::Running) {
        // SAFETY: the caller's promise; if the reduction goes on, `out` is of results so far.
        unsafe {
            if self.goes_on {
                *self.out.cast::<F::Running>().add(at) = running;
            } else {
                *self.out.cast::<T>().add(at) = T::from_f64(F::result(running, self.repeat) / self.by);
            }
        }
    }
}

/// `parts` times `n` results so far, which are joined to `n` results, each of which stands for `repeat` equal ones and is
/// divided by `by`.
pub struct Closing {
    pub out: *mut u8,
    pub found: *const u8,
    pub parts: usize,
    pub n: usize,
    pub repeat: usize,
    pub by: f64,
}

/// Joins what was found.
///
/// # Safety
/// `out` must be of elements `T`, `found` of the fold's results so far, as many as the closing says.
unsafe fn close<T: Float, F: Fold>(args: &Closing) {
    let &Closing { out, found, parts, n, repeat, by } = args;
    for k in 0..n {
        let mut running = F::nothing();
        // SAFETY: the caller's promise.
        unsafe {
            for part in 0..parts {
                F::merge(&mut running, *found.cast::<F::Running>().add(part * n + k));
            }
            *out.cast::<T>().add(k) = T::from_f64(F::result(running, repeat) / by);
        }
    }
}

/// Folds a [`Reduction`] whose innermost axis is contiguous in `a` and, if it is kept, in `out`.
struct Walked<F>(PhantomData<F>);

impl<T: Float, F: Fold> Routine<T> for Walked<F> {
    type Args = Reduction;
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(args: &Reduction) {
        let &Reduction { a, columns, kept, reduced, .. } = args;
        // SAFETY: both walks live as long as the call.
        let (kept, reduced) = unsafe { (&*kept, &*reduced) };
        let a = a.cast::<T>();
        let (line, row) = (kept.inner(), reduced.inner());
        for [at, to] in kept.rows() {
            if columns {
                // SAFETY: the innermost axis is kept and contiguous in both: `line.n` columns lie side by side, at each
                // offset of the reduced walk in `a`, and once in `out`.
                unsafe { all_columns::<V, F>(args, to, a.add(at), line.n, reduced) };
                continue;
            }
            for k in 0..line.n {
                let mut total = F::nothing();
                for [down] in reduced.rows() {
                    // SAFETY: the sums of the two walks' offsets lie inside `a`, and from each on a row of contiguous
                    // elements, as the innermost axis is reduced.
                    unsafe { fold_row::<V, F>(&mut total, a.add(at + k * line.step[0] + down), row.n) };
                }
                // SAFETY: the kept walk's offsets lie inside `out`.
                unsafe { args.put::<T, F>(to + k * line.step[1], total) };
            }
        }
    }
}

/// Folds a [`Reduction`] element by element.
///
/// # Safety
/// The walks must stay inside `a` and `out`, of elements `T`.
unsafe fn strided<T: Float, F: Fold>(args: &Reduction) {
    let &Reduction { a, kept, reduced, .. } = args;
    // SAFETY: both walks live as long as the call.
    let (kept, reduced) = unsafe { (&*kept, &*reduced) };
    let a = a.cast::<T>();
    let (line, row) = (kept.inner(), reduced.inner());
    for [at, to] in kept.rows() {
        for k in 0..line.n {
            let mut total = [F::nothing(); 4];
            for [down] in reduced.rows() {
                for i in 0..row.n {
                    // SAFETY: the sums of the two walks' offsets lie inside `a`.
                    let x = unsafe { *a.add(at + k * line.step[0] + down + i * row.step[0]) };
                    F::take(&mut total[i % 4], x.to_f64());
                }
            }
            let mut all = F::nothing();
            total.into_iter().for_each(|total| F::take(&mut all, F::result(total, 1)));
            // SAFETY: the kept walk's offsets lie inside `out`.
            unsafe { args.put::<T, F>(to + k * line.step[1], all) };
        }
    }
}

/// Folds `n` elements into `total`.
///
/// # Safety
/// `p` must be valid for reading `n` elements, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn fold_row<V: Vector, F: Fold>(total: &mut F::Running, p: *const V::Elem, n: usize) {
    let mut at = 0;
    // SAFETY: all loads lie before `end`, which is at most `n`, or the mask leaves out what lies behind `n`. The machine has
    // the instructions, as the caller promises.
    unsafe {
        let mask = V::tail(V::LANES);
        while n - at >= 4 * V::LANES {
            let end = at + (n - at).min(8 * V::LANES * block::<V>()) / (4 * V::LANES) * (4 * V::LANES);
            let mut lanes = [F::start::<V>(); 2];
            while at + 8 * V::LANES <= end {
                for u in 0..2 {
                    lanes[u] = F::push_4(lanes[u], four::<V, true>(p.add(at + 4 * u * V::LANES), V::LANES, mask));
                }
                at += 8 * V::LANES;
            }
            if at < end {
                lanes[0] = F::push_4(lanes[0], four::<V, true>(p.add(at), V::LANES, mask));
                at += 4 * V::LANES;
            }
            F::take(total, F::all::<V>(F::join::<V>(lanes[0], lanes[1])));
        }
        if at < n {
            let mut lanes = F::start::<V>();
            while at + V::LANES <= n {
                lanes = F::push(lanes, V::load(p.add(at)));
                at += V::LANES;
            }
            if at < n {
                let part = V::load_tail(p.add(at), V::tail(n - at));
                lanes = F::push(lanes, part.first_n(n - at).select(part, part.splat_like(V::Elem::from_f64(F::START))));
            }
            F::take(total, F::all::<V>(lanes));
        }
    }
}

/// A whole vector, or the lanes of the mask.
///
/// # Safety
/// They must be valid for reading, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn one<V: Vector, const WHOLE: bool>(p: *const V::Elem, mask: V::Tail) -> V {
    // SAFETY: the lanes are valid, and the machine has the instructions, as the caller promises.
    unsafe { if WHOLE { V::load(p) } else { V::load_tail(p, mask) } }
}

/// Four vectors, each `step` behind the one before; whole, or the lanes of the mask.
///
/// # Safety
/// They must be valid for reading, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn four<V: Vector, const WHOLE: bool>(p: *const V::Elem, step: usize, mask: V::Tail) -> [V; 4] {
    // SAFETY: all four are valid, and the machine has the instructions, as the caller promises.
    unsafe {
        [
            one::<V, WHOLE>(p, mask),
            one::<V, WHOLE>(p.add(step), mask),
            one::<V, WHOLE>(p.add(2 * step), mask),
            one::<V, WHOLE>(p.add(3 * step), mask),
        ]
    }
}

/// Folds each of `n` neighbouring columns over all rows of the walk; the results go to `at` and behind.
///
/// # Safety
/// `p` plus every offset of the walk must be valid for reading `n` elements, `out` for writing them. The machine must have
/// the instructions of `V`.
#[inline(always)]
unsafe fn all_columns<V: Vector, F: Fold>(args: &Reduction, at: usize, p: *const V::Elem, n: usize, reduced: &Walk<1>) {
    let mut k = 0;
    while k < n {
        let left = n - k;
        // SAFETY: column `k` and those behind it lie among the `n` that the caller promises; each call takes at most the
        // `left` ones.
        unsafe {
            let (p, at) = (p.add(k), at + k);
            k += if left >= 4 * V::LANES {
                columns::<V, F, 4, 1, true>(args, at, p, 4 * V::LANES, reduced)
            } else if left >= 2 * V::LANES {
                columns::<V, F, 2, 1, true>(args, at, p, 2 * V::LANES, reduced)
            } else if left >= V::LANES {
                columns::<V, F, 1, 2, true>(args, at, p, V::LANES, reduced)
            } else {
                columns::<V, F, 1, 2, false>(args, at, p, left, reduced)
            };
        }
    }
}

/// Folds `width` neighbouring columns over all rows of the walk: `W` vectors wide, `4 * U` rows at a time to hide the
/// latency. Gives `width`, which is a number of whole vectors if `WHOLE`, else less than a vector.
///
/// # Safety
/// `p` plus every offset of the walk must be valid for reading `width` elements, `out` for writing them. The machine must
/// have the instructions of `V`.
#[inline(always)]
unsafe fn columns<V: Vector, F: Fold, const W: usize, const U: usize, const WHOLE: bool>(
    args: &Reduction,
    at: usize,
    p: *const V::Elem,
    width: usize,
    reduced: &Walk<1>,
) -> usize {
    let &Reduction { out, repeat, by, goes_on, .. } = args;
    let AxisOf { n, step: [step] } = reduced.inner();
    let most = block::<V>() * U;
    let mut results = [[F::START; MAX_LANES]; W];
    let mut total = [[F::nothing(); MAX_LANES]; W];
    // One stretch is its own total.
    let only = n <= most && reduced.axes().len() == 1 && !goes_on;
    for [down] in reduced.rows() {
        for i in (0..n).step_by(most) {
            // SAFETY: at most `most` rows from row `i` of the walk on, valid for `width` elements, as the caller promises.
            let lanes =
                unsafe { columns_of::<V, F, W, U, WHOLE>(p.add(down + i * step), width, most.min(n - i), step) };
            for w in 0..W {
                results[w] = F::each::<V>(lanes[w]);
                if !only {
                    for (total, &x) in total[w][..V::LANES].iter_mut().zip(&results[w]) {
                        F::take(total, x);
                    }
                }
            }
        }
    }
    for w in 0..W {
        for k in 0..V::LANES {
            if goes_on && w * V::LANES + k < width {
                // SAFETY: `out` has `width` results so far from `at` on, as the caller promises.
                unsafe { args.put::<V::Elem, F>(at + w * V::LANES + k, total[w][k]) };
            } else {
                let all = F::result(total[w][k], repeat);
                results[w][k] = if only { F::repeat(results[w][k], repeat) } else { all };
            }
        }
    }
    if goes_on {
        return width;
    }
    let out = out.cast::<V::Elem>().wrapping_add(at);
    for w in 0..W {
        // SAFETY: `out` is valid for `width` elements: `W` vectors if they are whole, else those of the mask. The machine
        // has the instructions, as the caller promises.
        unsafe {
            let x = rounded::<V>(results[w], by);
            if WHOLE { x.store(out.add(w * V::LANES)) } else { x.store_tail(out, V::tail(width)) }
        }
    }
    width
}

/// Folds `width` neighbouring columns over `n` rows, `step` apart.
///
/// # Safety
/// `p` must be valid for reading `width` elements at each row. The machine must have the instructions of `V`.
#[inline(always)]
unsafe fn columns_of<V: Vector, F: Fold, const W: usize, const U: usize, const WHOLE: bool>(
    p: *const V::Elem,
    width: usize,
    n: usize,
    step: usize,
) -> [F::Lanes<V>; W] {
    // SAFETY: row `i` is below `n`, so `width` elements may be read there: `W` vectors if they are whole, else those of the
    // mask. The machine has the instructions, as the caller promises.
    unsafe {
        let mask = V::tail(width);
        let mut lanes = [F::start::<V>(); W];
        let mut i = 0;
        while i + 4 * U <= n {
            for w in 0..W {
                let rows = |u: usize| four::<V, WHOLE>(p.add((i + 4 * u) * step + w * V::LANES), step, mask);
                lanes[w] = if U == 2 { F::push_8(lanes[w], rows(0), rows(1)) } else { F::push_4(lanes[w], rows(0)) };
            }
            i += 4 * U;
        }
        while i < n {
            for w in 0..W {
                lanes[w] = F::push(lanes[w], one::<V, WHOLE>(p.add(i * step + w * V::LANES), mask));
            }
            i += 1;
        }
        lanes
    }
}
