//! How one walks: what brings operands of any layout to a function's loop over contiguous elements. Compiled once for all
//! functions.

use super::function::{Function, Loop, MAX_OPERANDS, MAX_RESULTS, Operand, Run};
use super::tiles::{self, Cursor, Tile};
use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::array::layout::Dims;
use crate::kernels::array::walk::{AxisOf, Walk};
use crate::kernels::parallel::{self, Across, ELEMENTS};
use crate::kernels::simd::MAX_LANES;

/// `f` of the elements of `a` and `rest`, broadcast as NumPy does (the caller has checked that they fit), in place of `a`
/// where nobody else sees it. The order of the axes is that of the first operand that is dense and as large as the
/// result.
#[track_caller]
pub fn apply(f: &Function, mut a: Array, rest: &[&Array], numbers: &[f64]) -> Array {
    apply_to(f, &mut a, rest, numbers).unwrap_or(a)
}

/// As [`apply`]; `None` if the result stands in `a`.
#[track_caller]
pub fn apply_to(f: &Function, a: &mut Array, rest: &[&Array], numbers: &[f64]) -> Option<Array> {
    assert!(f.results() == 1, "a function of several results");
    bring(f, a, rest, numbers, Further { first: 0, wanted: 1, results: &mut [] })
}

/// As [`apply`], of a function with several results: those whose bit is set in `wanted`, at least one, each in its place in
/// `results`, which has room for all.
#[track_caller]
pub fn apply_several(
    f: &Function,
    mut a: Array,
    rest: &[&Array],
    numbers: &[f64],
    wanted: u8,
    results: &mut [Option<Array>],
) {
    let wanted = wanted & (u8::MAX >> (MAX_RESULTS - f.results()));
    assert!(wanted != 0 && results.len() >= f.results(), "no result is wanted, or has no room");
    let first = wanted.trailing_zeros() as usize;
    let result = bring(f, &mut a, rest, numbers, Further { first, wanted, results });
    results[first] = Some(result.unwrap_or(a));
}

/// Which results are wanted, and where those behind the first of them are kept.
struct Further<'a> {
    first: usize,
    wanted: u8,
    results: &'a mut [Option<Array>],
}

/// Brings the operands to the function's loop; gives the first result that is wanted, `None` if it stands in `a`.
#[track_caller]
fn bring(f: &Function, a: &mut Array, rest: &[&Array], numbers: &[f64], mut further: Further<'_>) -> Option<Array> {
    if rest.is_empty() && !a.is_dense() {
        *a = a.dense_copy();
    }
    let dtype = a.dtype();
    let the_loop = f.of(dtype, 1 + rest.len(), numbers.len());
    let (mut alike, mut rows) = (a.is_dense(), a.is_contiguous());
    for b in rest {
        assert!(b.dtype() == dtype, "elements of type {}, not {dtype}", b.dtype());
        let same = b.shape() == a.shape();
        alike &= same && b.strides() == a.strides();
        rows &= b.is_contiguous() && (same || ends_with(a.shape(), b.shape()));
    }
    let mut operands = [Operand { start: a.start(), step: 1 }; MAX_OPERANDS];
    for (operand, b) in operands[1..].iter_mut().zip(rest) {
        operand.start = b.start();
    }
    let mut job = Job {
        the_loop,
        operands: &mut operands[..=rest.len()],
        numbers,
        size: dtype.size(),
        results: f.results(),
        first: further.first,
        out: [std::ptr::null_mut(); MAX_RESULTS],
    };
    if alike {
        let n = a.count();
        if f.results() > 1 {
            job.place(&mut further, a, *a.shape(), *a.strides());
        }
        if let Some(out) = a.dense_start_mut() {
            // SAFETY: all operands are dense and of one order, so each is `n` contiguous elements; `out` is the first.
            unsafe { job.to(out).flat(n) };
            return None;
        }
        // SAFETY: all operands are dense and of one order, so each is `n` contiguous elements, as is the result.
        return Some(unsafe { Array::build_bytes_as(a, |out| job.to(out).flat(n)) });
    }
    match rest.len() {
        1 if rows => {
            let (n, all) = (rest[0].count(), a.count());
            let axes = [AxisOf { n, step: [1, 1, 1] }, AxisOf { n: all / n.max(1), step: [n, n, 0] }];
            let walk = Walk::ordered(axes);
            let (shape, strides) = (*a.shape(), *a.strides());
            write(job, further, a, &walk, shape, strides)
        }
        1 => stretch::<3>(f, job, further, a, rest),
        2 | 3 => stretch::<5>(f, job, further, a, rest),
        _ => stretch::<{ MAX_OPERANDS + 1 }>(f, job, further, a, rest),
    }
}

/// As [`bring`] in any layout, by a walk over the result and up to `K - 1` operands.
#[track_caller]
fn stretch<const K: usize>(
    f: &Function,
    job: Job<'_>,
    further: Further<'_>,
    a: &mut Array,
    rest: &[&Array],
) -> Option<Array> {
    let mut shape = *a.shape();
    for b in rest {
        if *b.shape() != shape {
            shape = broadcast(&shape, b.shape());
        }
    }
    let full = |x: &Array| *x.shape() == shape && x.is_dense();
    let dense = std::iter::once(&*a).chain(rest.iter().copied()).find(|x| full(x));
    // No closure, so that a panic names the caller.
    let strides = match dense {
        Some(x) => *x.strides(),
        None => shape.row_major(),
    };
    let mut steps = [strides; K];
    for (steps, x) in steps[1..].iter_mut().zip(std::iter::once(&*a).chain(rest.iter().copied())) {
        *steps = if *x.shape() == shape { *x.strides() } else { stretched(x, &shape) };
    }
    let walk = Walk::new(&shape, steps.each_ref());
    // Where a whole operand lies in another order, a tiled copy and a flat loop beat one strided loop.
    let strange = |x: &Array, step: usize| step > 1 && *x.shape() == shape && shape.count() > MAX_LANES;
    if let Some(k) = (0..rest.len()).find(|&k| strange(rest[k], walk.inner().step[k + 2])) {
        let copy = copy(rest[k], strides);
        let mut others = [&copy; MAX_OPERANDS];
        others[..rest.len()].copy_from_slice(rest);
        others[k] = &copy;
        return bring(f, a, &others[..rest.len()], job.numbers, further);
    }
    if strange(a, walk.inner().step[1]) {
        let mut copy = copy(a, strides);
        return Some(bring(f, &mut copy, rest, job.numbers, further).unwrap_or(copy));
    }
    write(job, further, a, &walk, shape, strides)
}

/// Runs the loop along the walk into `a` if it may be written and lies as the result does, else into a new array.
#[track_caller]
fn write<const K: usize>(
    mut job: Job<'_>,
    mut further: Further<'_>,
    a: &mut Array,
    walk: &Walk<K>,
    shape: Dims,
    strides: Dims,
) -> Option<Array> {
    job.place(&mut further, a, shape, strides);
    if *a.shape() == shape
        && *a.strides() == strides
        && let Some(out) = a.dense_start_mut()
    {
        // SAFETY: the walk stays inside the operands, of which `out` is the first, and visits its elements in their order.
        unsafe { job.to(out).walk(walk) };
        return None;
    }
    let dtype = a.dtype();
    // SAFETY: the walk visits every element of the dense result once and in their order, and stays inside the operands.
    Some(unsafe { Array::build_bytes(dtype, shape, strides, |out| job.to(out).walk(walk)) })
}

/// Rows from this length on go to the loop as they are, one call each; shorter ones are joined in tiles.
const LONG_ROW: usize = 64;

/// A loop and what it is told but for the place of the results.
struct Job<'a> {
    the_loop: Loop,
    operands: &'a mut [Operand],
    numbers: &'a [f64],
    /// The bytes of an element.
    size: usize,
    /// How many results there are.
    results: usize,
    /// The first that is wanted.
    first: usize,
    /// Where each result starts; null where it is not wanted.
    out: [*mut u8; MAX_RESULTS],
}

impl Job<'_> {
    /// Makes room for the results behind the first.
    #[track_caller]
    #[inline]
    fn place(&mut self, further: &mut Further<'_>, a: &Array, shape: Dims, strides: Dims) {
        for k in self.first + 1..self.results {
            if further.wanted & (1 << k) != 0 {
                // SAFETY: the loop, which is called before anybody sees the array, writes every element.
                let result = unsafe { Array::build_bytes(a.dtype(), shape, strides, |out| self.out[k] = out) };
                further.results[k] = Some(result);
            }
        }
    }

    /// With the first result at `out`.
    #[inline(always)]
    fn to(&mut self, out: *mut u8) -> &mut Self {
        self.out[self.first] = out;
        self
    }

    /// One call of the loop, for `n` results from byte `at` on.
    ///
    /// # Safety
    /// The operands and what is behind `at` in the results must be valid for `n` elements; of the operands only the first may
    /// be the first result.
    #[inline(always)]
    unsafe fn run(&self, at: usize, n: usize) {
        let (mut one, mut all);
        let out = if self.results == 1 {
            one = self.out[0].wrapping_add(at);
            &raw mut one
        } else {
            all = self.out;
            for out in all.iter_mut().filter(|out| !out.is_null()) {
                *out = out.wrapping_add(at);
            }
            all.as_mut_ptr()
        };
        let run = Run { out, operands: self.operands.as_ptr(), numbers: self.numbers.as_ptr(), n };
        // SAFETY: the caller's promise; the numbers of operands and numbers were compared when the loop was picked.
        unsafe { (self.the_loop)(&run) };
    }

    /// The job from these elements of its operands on, and from element `at` of its results.
    fn from<'b>(&'b self, at: usize, starts: &[usize], room: &'b mut [Operand; MAX_OPERANDS]) -> Job<'b> {
        let mut out = self.out;
        for out in out.iter_mut().filter(|out| !out.is_null()) {
            *out = out.wrapping_add(at * self.size);
        }
        let operands = &mut room[..self.operands.len()];
        operands.copy_from_slice(self.operands);
        for (operand, start) in operands.iter_mut().zip(starts) {
            operand.start = operand.start.wrapping_add(start * self.size);
        }
        Job { operands, out, ..*self }
    }

    /// The loop over `n` contiguous elements of all operands and results, shared by threads if they are many.
    ///
    /// # Safety
    /// As for [`Job::run`] from byte 0 on.
    #[inline]
    unsafe fn flat(&self, n: usize) {
        if parallel::pieces(n, ELEMENTS) <= 1 {
            // SAFETY: the caller's promise.
            return unsafe { self.run(0, n) };
        }
        // SAFETY: each range writes its own elements of the results; of what is read only those are written to.
        let job = unsafe { Across::new(self) };
        parallel::split_flat(n, ELEMENTS, |range| {
            let mut room = [Operand { start: std::ptr::null(), step: 1 }; MAX_OPERANDS];
            let starts = [range.start; MAX_OPERANDS];
            // SAFETY: the range lies among the elements that the caller promises.
            unsafe { job.get().from(range.start, &starts, &mut room).run(0, range.len()) };
        });
    }

    /// The loop along a walk over the results and the operands; there may be fewer of these than the walk has. Threads share it
    /// if it is long.
    ///
    /// # Safety
    /// The walk must stay inside the operands and visit the elements of the results in their order in memory; of the operands
    /// only the first may be the first result, if it has the same steps.
    unsafe fn walk<const K: usize>(&mut self, walk: &Walk<K>) {
        if walk.pieces(ELEMENTS) <= 1 {
            // SAFETY: the caller's promise.
            return unsafe { self.alone(walk) };
        }
        // SAFETY: each part of the walk has a stretch of the results of its own; of what is read only that is written to.
        let job = unsafe { Across::new(&*self) };
        walk.split(ELEMENTS, |part, start| {
            let mut room = [Operand { start: std::ptr::null(), step: 1 }; MAX_OPERANDS];
            // SAFETY: a part of a walk with the starts that belong to it visits what the walk does.
            unsafe { job.get().from(start[0], &start[1..], &mut room).alone(part) };
        });
    }

    /// As [`Job::walk`], on this thread.
    ///
    /// # Safety
    /// As there.
    unsafe fn alone<const K: usize>(&mut self, walk: &Walk<K>) {
        let inner = walk.inner();
        let plain = inner.step[1..].iter().all(|&step| step <= 1);
        // SAFETY: the caller's promise.
        unsafe {
            if plain && (inner.n >= LONG_ROW || walk.axes().len() == 1) { self.rows(walk) } else { self.tiles(walk) }
        }
    }

    /// A call for each row of the walk, along which every operand is contiguous or one element.
    ///
    /// # Safety
    /// As for [`Job::walk`].
    unsafe fn rows<const K: usize>(&mut self, walk: &Walk<K>) {
        let (inner, size) = (walk.inner(), self.size);
        let mut starts = [std::ptr::null(); K];
        for ((operand, start), step) in self.operands.iter_mut().zip(&mut starts).zip(&inner.step[1..]) {
            *start = operand.start;
            operand.step = *step;
        }
        for at in walk.rows() {
            for ((operand, start), at) in self.operands.iter_mut().zip(&starts).zip(&at[1..]) {
                // SAFETY: the walk's rows lie inside the operands.
                operand.start = unsafe { start.add(at * size) };
            }
            // SAFETY: the walk's rows lie inside the operands, contiguous or repeated as their steps say.
            unsafe { self.run(at[0] * size, inner.n) };
        }
    }

    /// A call for each tile of elements, to which operands that are not contiguous are brought.
    ///
    /// # Safety
    /// As for [`Job::walk`].
    unsafe fn tiles<const K: usize>(&mut self, walk: &Walk<K>) {
        let total = walk.count();
        let most = tiles::BYTES / self.size;
        let mut tiles = [const { Tile::EMPTY }; K];
        let mut sources = [Source { kind: Kind::Flat, start: std::ptr::null(), cursor: Cursor::START }; K];
        // Tiles of whole periods, so that what repeats is laid down once, and of whole vectors if there is room.
        let mut longest = 1;
        for (k, operand) in self.operands.iter_mut().enumerate() {
            let source = &mut sources[k];
            source.start = operand.start;
            if walk.axes().iter().any(|axis| axis.step[k + 1] != axis.step[0]) {
                operand.start = tiles[k].start();
                source.kind = match period(walk, k + 1) {
                    Some(n) if n <= most / 2 => {
                        longest = longest.max(n);
                        Kind::Periodic(n)
                    }
                    _ => Kind::Any,
                };
            }
        }
        let whole = longest * (MAX_LANES >> longest.trailing_zeros().min(MAX_LANES.trailing_zeros()));
        let tile = if whole <= most { most / whole * whole } else { most / longest * longest };
        let mut at = 0;
        while at < total {
            let n = tile.min(total - at);
            for (k, operand) in self.operands.iter_mut().enumerate() {
                let source = &mut sources[k];
                // SAFETY: the walk stays inside the operand; the tile has room for `n` elements.
                unsafe {
                    match source.kind {
                        Kind::Flat => operand.start = source.start.add(at * self.size),
                        Kind::Periodic(_) if at > 0 => {}
                        Kind::Periodic(period) => {
                            let once = period.min(n);
                            tiles[k].fill(walk, k + 1, &mut source.cursor, source.start, self.size, once);
                            tiles[k].repeat(once * self.size, n * self.size);
                        }
                        Kind::Any => tiles[k].fill(walk, k + 1, &mut source.cursor, source.start, self.size, n),
                    }
                }
            }
            // SAFETY: the operands are `n` contiguous elements each, their own or those of a tile.
            unsafe { self.run(at * self.size, n) };
            at += n;
        }
    }
}

/// Where an operand's tiles come from.
#[derive(Clone, Copy)]
struct Source {
    kind: Kind,
    start: *const u8,
    cursor: Cursor,
}

/// How an operand comes to the loop in tiles.
#[derive(Clone, Copy)]
enum Kind {
    /// As it lies, which is as the result does.
    Flat,
    /// Through a tile that is the same each time, as the elements repeat themselves after so many.
    Periodic(usize),
    /// Through a tile that is filled each time.
    Any,
}

/// After how many elements of the walk operand `k` repeats itself, if it does.
fn period<const K: usize>(walk: &Walk<K>, k: usize) -> Option<usize> {
    let axes = walk.axes();
    let repeated = axes.iter().rev().take_while(|axis| axis.step[k] == 0).count();
    (repeated > 0).then(|| axes[..axes.len() - repeated].iter().map(|axis| axis.n).product())
}

/// Are the sizes of `row`, but for leading axes of size 1, the last ones of `shape`?
fn ends_with(shape: &Dims, row: &Dims) -> bool {
    let ones = row.iter().take_while(|&n| n == 1).count();
    row.rank() <= shape.rank() && row.iter().skip(ones).eq(shape.iter().skip(shape.rank() - row.rank() + ones))
}

/// The shape to which both stretch, right aligned.
#[track_caller]
fn broadcast(a: &Dims, b: &Dims) -> Dims {
    let rank = a.rank().max(b.rank());
    let size = |dims: &Dims, axis: usize| (axis + dims.rank()).checked_sub(rank).map_or(1, |axis| dims.get(axis));
    let mut shape = Dims::default();
    for axis in 0..rank {
        let (m, n) = (size(a, axis), size(b, axis));
        assert!(m == n || m == 1 || n == 1, "{a:?} and {b:?} do not stretch to one shape");
        shape.push(if m == 1 { n } else { m });
    }
    shape
}

/// The strides of `x` stretched to `shape`: 0 where it repeats.
fn stretched(x: &Array, shape: &Dims) -> Dims {
    let lead = shape.rank() - x.shape().rank();
    let mut strides = Dims::default();
    for axis in 0..shape.rank() {
        let repeated = axis < lead || x.shape().get(axis - lead) == 1;
        strides.push(if repeated { 0 } else { x.strides().get(axis - lead) });
    }
    strides
}
