//! Sums, means, maxima and minima over axes, in any layout.
//!
//! Sums are added up in `f64`, with what its roundings leave out kept for sums of `f64` (see [`Total`]), and rounded once:
//! a sum of millions is as good as its type can say, and the sum or the mean of equal numbers is exact.

mod fold;
mod loops;
pub(in crate::kernels) mod short;
#[cfg(test)]
mod tests;

use self::short::SHORT;
use crate::kernels::DType;
use crate::kernels::array::Array;
use crate::kernels::array::layout::{Dims, MAX_RANK};
use crate::kernels::array::walk::{AxisOf, Walk};
use crate::kernels::dtype::float;
use crate::kernels::memory::Buffer;
use crate::kernels::parallel::{self, Across, ELEMENTS, LINE};
use crate::kernels::simd::{Float, Kernel, MAX_LANES, Total, Vector, dispatch};
pub(super) use loops::block;
use loops::{Closing, Code, MAX, MIN, Reduction, SUM, ShortRows};

/// The sum over `axes` (a bit for each), which stay as size 1 (`keep`) or go. The sum of nothing is 0.
#[track_caller]
pub fn sum(a: &Array, axes: u8, keep: bool) -> Array {
    reduce(&SUM, a, axes, keep, 1.0)
}

/// The mean over `axes` (a bit for each), which stay as size 1 (`keep`) or go. The mean of nothing is NaN.
#[track_caller]
pub fn mean(a: &Array, axes: u8, keep: bool) -> Array {
    reduce(&SUM, a, axes, keep, group(a.shape(), axes) as f64)
}

/// How many elements of a shape each element of its reduction over `axes` stands for.
pub(crate) fn group(shape: &Dims, axes: u8) -> usize {
    shape.iter().enumerate().filter(|&(axis, _)| axes >> axis & 1 == 1).map(|(_, n)| n).product()
}

/// The largest element over `axes` (a bit for each), which stay as size 1 (`keep`) or go: NaN where there is one.
///
/// # Panics
/// If it were one of no elements.
#[track_caller]
pub fn max(a: &Array, axes: u8, keep: bool) -> Array {
    assert_some("largest", a.shape(), axes);
    reduce(&MAX, a, axes, keep, 1.0)
}

/// The smallest element over `axes` (a bit for each), which stay as size 1 (`keep`) or go: NaN where there is one.
///
/// # Panics
/// If it were one of no elements.
#[track_caller]
pub fn min(a: &Array, axes: u8, keep: bool) -> Array {
    assert_some("smallest", a.shape(), axes);
    reduce(&MIN, a, axes, keep, 1.0)
}

/// Panics if a reduction over `axes` has elements that stand for none.
#[track_caller]
fn assert_some(which: &str, shape: &Dims, axes: u8) {
    let reduced = |axis: usize| axes >> axis & 1 == 1;
    let results = shape.iter().enumerate().all(|(axis, n)| reduced(axis) || n > 0);
    if results && let Some(axis) = (0..shape.rank()).find(|&axis| reduced(axis) && shape.get(axis) == 0) {
        panic!("there is no {which} of no elements: axis {axis} of {shape:?} has size 0");
    }
}

/// Summed to `shape`, from which it was stretched (right aligned): the gradient of broadcasting.
#[track_caller]
pub fn sum_to(a: &Array, shape: &Dims) -> Array {
    if a.shape() == shape {
        return a.clone();
    }
    let Some(lead) = a.shape().rank().checked_sub(shape.rank()) else {
        panic!("{:?} was not stretched from {shape:?}", a.shape());
    };
    let mut axes = 0;
    for axis in 0..a.shape().rank() {
        if axis < lead || (shape.get(axis - lead) == 1 && a.shape().get(axis) != 1) {
            axes |= 1 << axis;
        }
    }
    let sum = sum(a, axes, true);
    let mut strides = Dims::default();
    for axis in lead..a.shape().rank() {
        strides.push(sum.strides().get(axis));
    }
    sum.view(*shape, strides, 0)
}

/// The dense strides for the sizes `shape` with 1 for the axes in `axes`: the other axes in the order in which they lie in
/// `a`, in C order if that tells none.
#[track_caller]
fn kept_strides(a: &Array, shape: &Dims, axes: u8) -> Dims {
    let mut order = [0; MAX_RANK];
    let mut rank = 0;
    for axis in 0..shape.rank() {
        if axes >> axis & 1 == 0 && shape.get(axis) != 1 {
            order[rank] = axis;
            rank += 1;
        }
    }
    let order = &mut order[..rank];
    if order.iter().all(|&axis| a.strides().get(axis) != 0) {
        // Equal strides (an empty array's) keep C order.
        a.strides().sort_axes(order);
    }
    let mut strides = shape.row_major();
    let mut step = 1;
    for &axis in order.iter().rev() {
        strides.set(axis, step);
        step *= shape.get(axis).max(1);
    }
    strides
}

/// The first axis that is reduced and how many follow it, if they are all: the leading ones, the last ones, or all.
fn as_matrix(a: &Array, axes: u8) -> Option<(usize, usize, bool)> {
    let rank = a.shape().rank();
    let taken = axes.count_ones() as usize;
    let shape = a.shape();
    let count = |axes: std::ops::Range<usize>| axes.map(|axis| shape.get(axis)).product::<usize>();
    if !a.is_contiguous() {
        None
    } else if axes.trailing_ones() as usize == taken {
        Some((count(0..taken), count(taken..rank), true))
    } else if usize::from(axes) == (1 << rank) - (1 << (rank - taken)) {
        Some((count(0..rank - taken), count(rank - taken..rank), false))
    } else {
        None
    }
}

/// The fold over `axes`, divided by `by`.
#[track_caller]
fn reduce(fold: &Code, a: &Array, axes: u8, keep: bool, by: f64) -> Array {
    let (dtype, from) = (a.dtype(), a.start());
    let (walk, short) = (fold.walk.best(dtype), fold.short.best(dtype));
    let mut shape = *a.shape();
    let axes = axes & ((1 << shape.rank()) - 1);
    if let Some((rows, columns, down)) = as_matrix(a, axes) {
        let mut kept = Dims::default();
        for (axis, n) in shape.iter().enumerate() {
            match axes >> axis & 1 {
                0 => kept.push(n),
                _ if keep => kept.push(1),
                _ => {}
            }
        }
        let (rows, columns, down) = if down && columns == 1 { (1, rows, false) } else { (rows, columns, down) };
        let strides = kept.row_major();
        // SAFETY: a contiguous array is a matrix of `rows * columns` elements, and the loop writes one result for each of its
        // columns or rows, which are all elements of the kept axes.
        return unsafe {
            Array::build_bytes(dtype, kept, strides, |out| {
                if !down && columns <= SHORT && rows > 1 {
                    return short_rows(short, dtype.size(), ShortRows { out, a: from, rows, n: columns, by });
                }
                let (kept, reduced) = if down {
                    (AxisOf { n: columns, step: [1, 1] }, AxisOf { n: rows, step: [columns] })
                } else {
                    (AxisOf { n: rows, step: [columns, 1] }, AxisOf { n: columns, step: [1] })
                };
                let (kept, reduced) = (Walk::line(kept), Walk::line(reduced));
                let reduction = Reduction {
                    out,
                    a: from,
                    columns: down,
                    kept: &kept,
                    reduced: &reduced,
                    repeat: 1,
                    by,
                    goes_on: false,
                };
                share(fold, walk, dtype, &reduction);
            })
        };
    }
    let (mut steps, mut from_steps) = (Dims::default(), *a.strides());
    let mut repeat = 1;
    for axis in 0..shape.rank() {
        if axes >> axis & 1 == 1 {
            shape.set(axis, 1);
        }
    }
    let strides = kept_strides(a, &shape, axes);
    for axis in 0..shape.rank() {
        let reduced = axes >> axis & 1 == 1;
        steps.push(if reduced { 0 } else { strides.get(axis) });
        if reduced && from_steps.get(axis) == 0 {
            repeat *= a.shape().get(axis);
        }
    }
    // Repeated elements need no visit.
    let mut visited = *a.shape();
    for axis in 0..shape.rank() {
        if steps.get(axis) == 0 && from_steps.get(axis) == 0 {
            visited.set(axis, visited.get(axis).min(1));
            from_steps.set(axis, 1);
        }
    }
    let both = Walk::new(&visited, [&from_steps, &steps]);
    let is_reduced = |axis: &&AxisOf<2>| axis.step[1] == 0;
    let reduced =
        Walk::ordered(both.axes().iter().filter(is_reduced).map(|axis| AxisOf { n: axis.n, step: [axis.step[0]] }));
    let kept = Walk::ordered(both.axes().iter().filter(|axis| !is_reduced(axis)).copied());
    if a.count() == 0 {
        let none = Array::full_float(dtype, fold.start / by, shape);
        return if keep { none } else { without(&none, axes) };
    }
    let step = both.inner().step;
    // SAFETY: the walk over the kept axes visits every element of the result once.
    let result = unsafe {
        Array::build_bytes(dtype, shape, strides, |out| {
            let reduction = Reduction {
                out,
                a: from,
                columns: step == [1, 1],
                kept: &kept,
                reduced: &reduced,
                repeat,
                by,
                goes_on: false,
            };
            let strided = fold.strided[usize::from(dtype == DType::F64)];
            share(fold, if matches!(step, [1, 0 | 1]) { walk } else { strided }, dtype, &reduction);
        })
    };
    if keep { result } else { without(&result, axes) }
}

/// Folds short rows; threads share them.
///
/// # Safety
/// Elements of `size` bytes must be there as [`ShortRows`] says.
unsafe fn short_rows(code: unsafe fn(&ShortRows), size: usize, rows: ShortRows) {
    // SAFETY: each range is of rows of its own.
    let all = unsafe { Across::new(&rows) };
    parallel::spread(rows.rows, MAX_LANES, ELEMENTS.div_ceil(rows.n.max(1)), |range| {
        let &ShortRows { out, a, n, by, .. } = *all.get();
        let (out, a) = (out.wrapping_add(range.start * size), a.wrapping_add(range.start * n * size));
        // SAFETY: the range lies among the rows.
        unsafe { code(&ShortRows { out, a, rows: range.len(), n, by }) };
    });
}

/// The most results that threads have each a part of.
const PARTED: usize = 1 << 12;

/// Runs the code of a fold. Threads share what is kept where that is enough for all, so that each result is found as it would be
/// by one thread; else they share what is folded, and what each has found so far is joined in the order of the parts.
///
/// # Safety
/// That of the code.
unsafe fn share(fold: &Code, code: unsafe fn(&Reduction), dtype: DType, all: &Reduction) {
    // SAFETY: both walks live as long as the call.
    let (kept, reduced) = unsafe { (&*all.kept, &*all.reduced) };
    let (results, group) = (kept.count(), reduced.count());
    let pieces = parallel::pieces(results * group, ELEMENTS);
    if pieces <= 1 {
        // SAFETY: the caller's promise.
        return unsafe { code(all) };
    }
    let (size, outer) = (dtype.size(), kept.outer().n);
    // Neighbouring columns go in the groups in which one thread would take them.
    let line = if all.columns && kept.axes().len() == 1 { LINE } else { 1 };
    // SAFETY: each range is of results of its own.
    let shared = unsafe { Across::new(all) };
    if outer >= pieces * line || results > PARTED {
        let least = ELEMENTS.div_ceil(results * group / outer);
        return parallel::spread(outer, line, least, |steps| {
            let (all, (kept, [at, to])) = (shared.get(), kept.part(steps));
            let (a, out) = (all.a.wrapping_add(at * size), all.out.wrapping_add(to * size));
            // SAFETY: a part of the walk with the starts that belong to it visits what the walk does.
            unsafe { code(&Reduction { a, out, kept: &kept, ..**all }) };
        });
    }
    let outer = reduced.outer().n;
    let line = if reduced.axes().len() == 1 && !all.columns { LINE } else { 1 };
    let least = ELEMENTS.div_ceil(results * group / outer).div_ceil(line) * line;
    let parts = parallel::pieces(outer.div_ceil(line), least / line);
    let Some(found) = Buffer::uninit(parts * results * fold.so_far) else {
        // SAFETY: the caller's promise.
        return unsafe { code(all) };
    };
    // SAFETY: each range has results so far of its own.
    let both = unsafe { Across::new((all, found.as_ptr().cast_mut())) };
    parallel::split_lines(outer, line, least, |part, steps| {
        let &(all, found) = both.get();
        let (reduced, [at]) = reduced.part(steps);
        let (a, out) = (all.a.wrapping_add(at * size), found.wrapping_add(part * results * fold.so_far));
        // SAFETY: a part of the walk with the start that belongs to it visits what the walk does, and `found` has room for
        // what each part gives.
        unsafe { code(&Reduction { a, out, reduced: &reduced, goes_on: true, ..*all }) };
    });
    let &Reduction { out, repeat, by, .. } = all;
    let found = found.as_ptr();
    // SAFETY: each part has written all its results so far.
    unsafe {
        fold.close[usize::from(dtype == DType::F64)](&Closing { out, found, parts, n: results, repeat, by });
    }
}

/// The view without `axes`, which have size 1.
fn without(a: &Array, axes: u8) -> Array {
    let (mut shape, mut strides) = (Dims::default(), Dims::default());
    for axis in (0..a.shape().rank()).filter(|axis| axes >> axis & 1 == 0) {
        shape.push(a.shape().get(axis));
        strides.push(a.strides().get(axis));
    }
    a.view(shape, strides, 0)
}

/// The sum of the squares of all elements.
#[track_caller]
pub fn sum_squares(a: &Array) -> f64 {
    let a = if a.is_dense() { a.clone() } else { a.dense_copy() };
    float!(a.dtype(), T => {
        let all = a.dense::<T>().expect("dense");
        parallel::fold(all.len(), LINE, ELEMENTS, |range| dispatch(Squares(&all[range])), |a, b| a + b)
    })
}

struct Squares<'a, T>(&'a [T]);

impl<T: Float> Kernel<T> for Squares<'_, T> {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) -> f64 {
        let mut total = Total::default();
        for block in self.0.chunks(4 * V::LANES * block::<V>()) {
            let (groups, rest) = block.split_at(block.len() / (4 * V::LANES) * (4 * V::LANES));
            // SAFETY: a group holds four vectors; the mask covers what is left. The machine has the instructions of `V`, as
            // the caller promises.
            unsafe {
                let mut sums = [V::sums(); 4];
                for group in groups.chunks_exact(4 * V::LANES) {
                    for u in 0..4 {
                        sums[u] = V::load(group.as_ptr().add(u * V::LANES)).add_square_to(sums[u]);
                    }
                }
                for part in rest.chunks(V::LANES) {
                    sums[0] = V::load_tail(part.as_ptr(), V::tail(part.len())).add_square_to(sums[0]);
                }
                total.add(V::total(V::join(V::join(sums[0], sums[1]), V::join(sums[2], sums[3]))));
            }
        }
        total.get()
    }
}

/// The index of the largest element along `axis` (the first of equals; a NaN counts as the largest): `i64`, without the
/// axis. Panics if the axis is empty.
pub fn argmax(a: &Array, axis: usize) -> Array {
    float!(a.dtype(), T => typed_argmax::<T>(a, axis))
}

fn typed_argmax<T: Float>(a: &Array, axis: usize) -> Array {
    let (n, step) = (a.shape().get(axis), a.strides().get(axis));
    let shape = a.shape().without(axis);
    assert!(n > 0 || shape.count() == 0, "no largest element of none");
    let strides = a.strides().without(axis);
    let mut at = [0; MAX_RANK];
    let data = a.elements::<T>();
    let is_nan = |x: T| x.partial_cmp(&x).is_none();
    Array::from_fn::<i64>(shape, |_| {
        let start: usize = at.iter().zip(strides.iter()).map(|(i, s)| i * s).sum();
        let mut best = 0;
        for i in 1..n {
            let (x, top) = (data[start + i * step], data[start + best * step]);
            if x > top || (is_nan(x) && !is_nan(top)) {
                best = i;
            }
        }
        for axis in (0..shape.rank()).rev() {
            at[axis] += 1;
            if at[axis] < shape.get(axis) {
                break;
            }
            at[axis] = 0;
        }
        best as i64
    })
}
