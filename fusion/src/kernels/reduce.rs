//! Sums, maxima and minima over axes, in any layout.
//!
//! Vector lanes fold up to a few thousand elements in the element type; such blocks are joined in `f64`, so that a sum
//! of millions of `f32` is about as good as one in `f64`.

use super::array::Array;
use super::dtype::{DType, Element, float};
use super::layout::{AxisOf, Dims, MAX_RANK, Walk};
use super::short::{self, SHORT};
use super::vector::{Body, MAX_LANES, Real, Vector, dispatch};
use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// A way to fold elements into one.
trait Fold: Copy {
    /// The result of nothing.
    const START: f64;
    /// Two results joined, lane by lane.
    fn join<V: Vector>(a: V, b: V) -> V;
    /// Two results joined.
    fn join_2(a: f64, b: f64) -> f64;
    /// A result joined with itself, `n` in all.
    fn repeat(a: f64, n: usize) -> f64;
}

#[derive(Clone, Copy)]
struct Sum;
#[derive(Clone, Copy)]
struct Max;
#[derive(Clone, Copy)]
struct Min;

impl Fold for Sum {
    const START: f64 = 0.0;
    #[inline(always)]
    fn join<V: Vector>(a: V, b: V) -> V {
        a + b
    }
    #[inline(always)]
    fn join_2(a: f64, b: f64) -> f64 {
        a + b
    }
    #[inline(always)]
    fn repeat(a: f64, n: usize) -> f64 {
        a * n as f64
    }
}

impl Fold for Max {
    const START: f64 = f64::NEG_INFINITY;
    #[inline(always)]
    fn join<V: Vector>(a: V, b: V) -> V {
        // A NaN in `a` stays, as no comparison with it is true.
        b.or_else(V::either(a.less(b), b.is_nan()), a)
    }
    #[inline(always)]
    fn join_2(a: f64, b: f64) -> f64 {
        if a < b || b.is_nan() { b } else { a }
    }
    #[inline(always)]
    fn repeat(a: f64, _: usize) -> f64 {
        a
    }
}

impl Fold for Min {
    const START: f64 = f64::INFINITY;
    #[inline(always)]
    fn join<V: Vector>(a: V, b: V) -> V {
        b.or_else(V::either(b.less(a), b.is_nan()), a)
    }
    #[inline(always)]
    fn join_2(a: f64, b: f64) -> f64 {
        if b < a || b.is_nan() { b } else { a }
    }
    #[inline(always)]
    fn repeat(a: f64, _: usize) -> f64 {
        a
    }
}

/// The sum over `axes` (a bit for each), which stay as size 1 (`keep`) or go. The sum of nothing is 0.
#[track_caller]
pub fn sum(a: &Array, axes: u8, keep: bool) -> Array {
    float!(a.dtype(), T => reduce::<T, Sum>(a, axes, keep))
}

/// The largest element over `axes` (a bit for each), which stay as size 1 (`keep`) or go: NaN where there is one, negative
/// infinity where there is nothing.
#[track_caller]
pub fn max(a: &Array, axes: u8, keep: bool) -> Array {
    float!(a.dtype(), T => reduce::<T, Max>(a, axes, keep))
}

/// The smallest element over `axes` (a bit for each), which stay as size 1 (`keep`) or go: NaN where there is one, infinity
/// where there is nothing.
#[track_caller]
pub fn min(a: &Array, axes: u8, keep: bool) -> Array {
    float!(a.dtype(), T => reduce::<T, Min>(a, axes, keep))
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
        // Stable, so equal strides (an empty array's) keep C order.
        order.sort_by_key(|&axis| std::cmp::Reverse(a.strides().get(axis)));
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

/// Folds a matrix in C order: its columns if `down`, else its rows.
struct Matrix<T, F> {
    out: *mut T,
    a: *const T,
    rows: usize,
    columns: usize,
    down: bool,
    fold: PhantomData<F>,
}

impl<T: Real, F: Fold> Body<T> for Matrix<T, F> {
    type Out = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { out, a, rows, columns, down, .. } = self;
        // SAFETY, for all blocks below: the matrix has `rows * columns` elements, the result one for each column or row.
        if down && columns != 1 {
            let walk = Walk::ordered([AxisOf { n: rows, step: [columns] }]);
            // SAFETY: as above.
            return unsafe { all_columns::<V, F>(out, a, columns, &walk, 1) };
        }
        let (rows, n) = if down { (1, rows * columns) } else { (rows, columns) };
        if n > SHORT || rows == 1 {
            for i in 0..rows {
                // SAFETY: as above.
                unsafe { *out.add(i) = T::of(fold_row::<V, F>(a.add(i * n), n)) };
            }
            return;
        }
        let mut scratch = short::scratch();
        for i in (0..rows).step_by(V::LANES) {
            let count = V::LANES.min(rows - i);
            // SAFETY: as above.
            unsafe {
                short::gather::<V>(&mut scratch, a.add(i * n), n, count);
                let mut total = V::splat(T::of(F::START));
                for k in 0..n {
                    total = F::join(total, V::load(scratch.as_ptr().add(k * V::LANES)));
                }
                total.store_masked(out.add(i), V::mask(count));
            }
        }
    }
}

#[track_caller]
fn reduce<T: Real, F: Fold>(a: &Array, axes: u8, keep: bool) -> Array {
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
        // SAFETY: the loop writes all elements: one for each column or row.
        return unsafe {
            Array::build::<T>(kept, |out| {
                let (out, a) = (out.as_mut_ptr().cast(), a.ptr::<T>());
                dispatch(Matrix { out, a, rows, columns, down, fold: PhantomData::<F> });
            })
        };
    }
    let (mut steps, mut from) = (Dims::default(), *a.strides());
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
        if reduced && from.get(axis) == 0 {
            repeat *= a.shape().get(axis);
        }
    }
    // Repeated elements need no visit.
    let mut visited = *a.shape();
    for axis in 0..shape.rank() {
        if steps.get(axis) == 0 && from.get(axis) == 0 {
            visited.set(axis, visited.get(axis).min(1));
            from.set(axis, 1);
        }
    }
    let walk = Walk::new(&visited, [&from, &steps]);
    let is_reduced = |axis: &&AxisOf<2>| axis.step[1] == 0;
    let reduced =
        Walk::ordered(walk.axes().iter().filter(is_reduced).map(|axis| AxisOf { n: axis.n, step: [axis.step[0]] }));
    let kept = Walk::ordered(walk.axes().iter().filter(|axis| !is_reduced(axis)).copied());
    // SAFETY: the walk over the kept axes visits every element of the result once; an empty walk writes none, and then
    // all are filled.
    let result = unsafe {
        Array::build_like::<T>(shape, strides, |out| {
            if a.count() == 0 {
                out.fill(MaybeUninit::new(T::of(F::START)));
            } else {
                let fold = PhantomData::<F>;
                let (out, a) = (out.as_mut_ptr().cast(), a.ptr::<T>());
                dispatch(Reduce { out, a, inner: walk.inner(), kept: &kept, reduced: &reduced, repeat, fold });
            }
        })
    };
    if keep { result } else { without(&result, axes) }
}

/// The view without `axes`, which have size 1.
#[track_caller]
fn without(a: &Array, axes: u8) -> Array {
    let (mut shape, mut strides) = (Dims::default(), Dims::default());
    for axis in (0..a.shape().rank()).filter(|axis| axes >> axis & 1 == 0) {
        shape.push(a.shape().get(axis));
        strides.push(a.strides().get(axis));
    }
    a.view(shape, strides, 0)
}

/// Folds `a` along the walk `reduced` for every step of the walk `kept` over `a` and `out`; `inner` is the axis along
/// which `a`'s elements lie closest.
struct Reduce<'w, T, F> {
    out: *mut T,
    a: *const T,
    inner: AxisOf<2>,
    kept: &'w Walk<2>,
    reduced: &'w Walk<1>,
    repeat: usize,
    fold: PhantomData<F>,
}

impl<T: Real, F: Fold> Body<T> for Reduce<'_, T, F> {
    type Out = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { out, a, inner, kept, reduced, repeat, .. } = self;
        let (line, row) = (kept.inner(), reduced.inner());
        // SAFETY, for all blocks below: the walks' offsets stay inside `a` and `out`.
        match inner.step {
            [1, 0] => {
                for [at, to] in kept.rows() {
                    for k in 0..line.n {
                        let mut total = F::START;
                        for [down] in reduced.rows() {
                            // SAFETY: as above.
                            let p = unsafe { a.add(at + k * line.step[0] + down) };
                            // SAFETY: as above.
                            total = F::join_2(total, unsafe { fold_row::<V, F>(p, row.n) });
                        }
                        // SAFETY: as above.
                        unsafe { *out.add(to + k * line.step[1]) = T::of(F::repeat(total, repeat)) };
                    }
                }
            }
            [1, 1] => {
                for [at, to] in kept.rows() {
                    // SAFETY: as above.
                    unsafe { all_columns::<V, F>(out.add(to), a.add(at), line.n, reduced, repeat) };
                }
            }
            _ => {
                for [at, to] in kept.rows() {
                    for k in 0..line.n {
                        let mut total = [F::START; 4];
                        for [down] in reduced.rows() {
                            // SAFETY: as above.
                            let p = unsafe { a.add(at + k * line.step[0] + down) };
                            for i in 0..row.n {
                                // SAFETY: as above.
                                total[i % 4] = F::join_2(total[i % 4], unsafe { *p.add(i * row.step[0]) }.to_f64());
                            }
                        }
                        let total = F::join_2(F::join_2(total[0], total[1]), F::join_2(total[2], total[3]));
                        // SAFETY: as above.
                        unsafe { *out.add(to + k * line.step[1]) = T::of(F::repeat(total, repeat)) };
                    }
                }
            }
        }
    }
}

/// How many elements each lane folds in the element type before `f64` takes over.
const BLOCK: usize = 256;

/// Folds `n` elements.
///
/// # Safety
/// `p` must be valid for reading `n` elements, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn fold_row<V: Vector, F: Fold>(p: *const V::Elem, n: usize) -> f64 {
    let mut total = F::START;
    let mut at = 0;
    // SAFETY: all loads lie before `end`, which is at most `n`.
    unsafe {
        let start = V::splat(V::Elem::of(F::START));
        while n - at >= 4 * V::LANES {
            let end = at + (n - at).min(4 * V::LANES * BLOCK) / (4 * V::LANES) * (4 * V::LANES);
            let mut lanes = [start; 4];
            while at < end {
                for u in 0..4 {
                    lanes[u] = F::join(lanes[u], V::load(p.add(at + u * V::LANES)));
                }
                at += 4 * V::LANES;
            }
            let block = F::join(F::join(lanes[0], lanes[1]), F::join(lanes[2], lanes[3]));
            total = F::join_2(total, block.fold(F::join::<V>).to_f64());
        }
        if at < n {
            let mut lanes = start;
            while at + V::LANES <= n {
                lanes = F::join(lanes, V::load(p.add(at)));
                at += V::LANES;
            }
            if at < n {
                let part = V::load_masked(p.add(at), V::mask(n - at));
                lanes = F::join(lanes, part.or_else(part.first(n - at), start));
            }
            total = F::join_2(total, lanes.fold(F::join::<V>).to_f64());
        }
    }
    total
}

/// Folds each of `n` neighbouring columns over all rows of the walk.
///
/// # Safety
/// `p` plus every offset of the walk must be valid for reading `n` elements, `out` for writing them. The machine must have
/// the instructions of `V`.
#[inline(always)]
unsafe fn all_columns<V: Vector, F: Fold>(
    out: *mut V::Elem,
    p: *const V::Elem,
    n: usize,
    reduced: &Walk<1>,
    repeat: usize,
) {
    let mut k = 0;
    while k < n {
        let left = n - k;
        // SAFETY: the caller's promise; each call takes at most what is left.
        unsafe {
            let (p, out) = (p.add(k), out.add(k));
            k += if left >= 4 * V::LANES {
                columns::<V, F, 4, 2, true>(out, p, 4 * V::LANES, reduced, repeat)
            } else if left >= 2 * V::LANES {
                columns::<V, F, 2, 4, true>(out, p, 2 * V::LANES, reduced, repeat)
            } else if left >= V::LANES {
                columns::<V, F, 1, 4, true>(out, p, V::LANES, reduced, repeat)
            } else {
                columns::<V, F, 1, 4, false>(out, p, left, reduced, repeat)
            };
        }
    }
}

/// Folds `width` neighbouring columns over all rows of the walk: `W` vectors wide, `U` rows at a time to hide the latency.
/// Gives `width`, which is a number of whole vectors if `WHOLE`, else less than a vector.
///
/// # Safety
/// `p` plus every offset of the walk must be valid for reading `width` elements, `out` for writing them. The machine must
/// have the instructions of `V`.
#[inline(always)]
unsafe fn columns<V: Vector, F: Fold, const W: usize, const U: usize, const WHOLE: bool>(
    out: *mut V::Elem,
    p: *const V::Elem,
    width: usize,
    reduced: &Walk<1>,
    repeat: usize,
) -> usize {
    let AxisOf { n, step: [step] } = reduced.inner();
    let mut total = [[F::START; MAX_LANES]; W];
    // SAFETY, for all blocks below: the caller's promise.
    // SAFETY: as above.
    let mask = unsafe { V::mask(width) };
    // SAFETY: as above.
    let start = unsafe { V::splat(V::Elem::of(F::START)) };
    for [down] in reduced.rows() {
        let mut i = 0;
        while i < n {
            let end = n.min(i + BLOCK * U);
            let mut lanes = [[start; W]; U];
            // SAFETY: as above.
            unsafe {
                while i + U <= end {
                    for u in 0..U {
                        for w in 0..W {
                            let p = p.add(down + (i + u) * step + w * V::LANES);
                            let x = if WHOLE { V::load(p) } else { V::load_masked(p, mask) };
                            lanes[u][w] = F::join(lanes[u][w], x);
                        }
                    }
                    i += U;
                }
                while i < end {
                    for w in 0..W {
                        let p = p.add(down + i * step + w * V::LANES);
                        let x = if WHOLE { V::load(p) } else { V::load_masked(p, mask) };
                        lanes[0][w] = F::join(lanes[0][w], x);
                    }
                    i += 1;
                }
            }
            for w in 0..W {
                let mut block = lanes[0][w];
                for u in 1..U {
                    block = F::join(block, lanes[u][w]);
                }
                let mut x = [V::Elem::ZERO; MAX_LANES];
                // SAFETY: as above.
                unsafe { block.store(x.as_mut_ptr()) };
                for (total, x) in total[w][..V::LANES].iter_mut().zip(x) {
                    *total = F::join_2(*total, x.to_f64());
                }
            }
        }
    }
    for w in 0..W {
        let mut x = [V::Elem::ZERO; MAX_LANES];
        for (x, &total) in x[..V::LANES].iter_mut().zip(&total[w]) {
            *x = V::Elem::of(F::repeat(total, repeat));
        }
        // SAFETY: as above.
        unsafe {
            let x = V::load(x.as_ptr());
            if WHOLE { x.store(out.add(w * V::LANES)) } else { x.store_masked(out, mask) }
        }
    }
    width
}

/// The sum of the squares of all elements.
pub fn sum_squares(a: &Array) -> f64 {
    let a = if a.is_dense() { a.clone() } else { a.dense_copy() };
    float!(a.dtype(), T => dispatch(Squares(a.dense::<T>().expect("dense"))))
}

struct Squares<'a, T>(&'a [T]);

impl<T: Real> Body<T> for Squares<'_, T> {
    type Out = f64;

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) -> f64 {
        let mut total = 0.0;
        for block in self.0.chunks(4 * V::LANES * BLOCK) {
            let (groups, rest) = block.split_at(block.len() / (4 * V::LANES) * (4 * V::LANES));
            // SAFETY: a group holds four vectors; the mask covers what is left.
            unsafe {
                let mut lanes = [V::zero(); 4];
                for group in groups.chunks_exact(4 * V::LANES) {
                    for u in 0..4 {
                        let x = V::load(group.as_ptr().add(u * V::LANES));
                        lanes[u] = x.fma(x, lanes[u]);
                    }
                }
                for part in rest.chunks(V::LANES) {
                    let x = V::load_masked(part.as_ptr(), V::mask(part.len()));
                    lanes[0] = x.fma(x, lanes[0]);
                }
                total += ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])).sum().to_f64();
            }
        }
        total
    }
}

/// How many elements of two arrays of one type and shape are equal: a 0-d `i64`.
#[track_caller]
pub fn count_equal(a: &Array, b: &Array) -> Array {
    assert_eq!(a.shape(), b.shape());
    let count = match a.dtype() {
        DType::F32 => equal::<f32>(a, b),
        DType::F64 => equal::<f64>(a, b),
        DType::I64 => equal::<i64>(a, b),
        DType::U8 => equal::<u8>(a, b),
        DType::Bool => equal::<bool>(a, b),
    };
    Array::full(count as i64, Dims::default())
}

fn equal<T: Element>(a: &Array, b: &Array) -> usize {
    let count = |x: &[T], y: &[T]| x.iter().zip(y).filter(|(x, y)| x == y).count();
    if a.strides() == b.strides()
        && let (Some(x), Some(y)) = (a.dense(), b.dense())
    {
        return count(x, y);
    }
    let (a, b) = (a.contiguous(), b.contiguous());
    count(a.as_slice().expect("contiguous"), b.as_slice().expect("contiguous"))
}

/// The index of the largest element of each row of a matrix: see [`argmax`].
#[track_caller]
pub fn argmax_rows(a: &Array) -> Array {
    argmax(a, 1)
}

/// The index of the largest element along `axis` (the first of equals; a NaN counts as the largest): `i64`, without the
/// axis. Panics if the axis is empty.
#[track_caller]
pub fn argmax(a: &Array, axis: usize) -> Array {
    float!(a.dtype(), T => typed_argmax::<T>(a, axis))
}

#[track_caller]
fn typed_argmax<T: Real>(a: &Array, axis: usize) -> Array {
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

#[cfg(test)]
mod tests {
    use super::super::copy::cast;
    use super::super::samples::{close, dims, floats, layouts, noise, shapes};
    use super::*;

    /// `fold` of the elements of `x` in C order over `axes`, by the definition.
    fn naive(x: &[f64], shape: &[usize], axes: u8, start: f64, fold: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let kept = |axis: usize| axes >> axis & 1 == 0;
        let count = (0..shape.len()).filter(|&axis| kept(axis)).map(|axis| shape[axis]).product();
        let mut out = vec![start; count];
        for (i, &x) in x.iter().enumerate() {
            let (mut i, mut at, mut step) = (i, 0, 1);
            for axis in (0..shape.len()).rev() {
                if kept(axis) {
                    at += i % shape[axis] * step;
                    step *= shape[axis];
                }
                i /= shape[axis];
            }
            out[at] = fold(out[at], x);
        }
        out
    }

    fn check(a: &Array, axes: u8, tolerance: f64) {
        let shape: Vec<usize> = a.shape().iter().collect();
        let kept = |n: usize| {
            shape
                .iter()
                .enumerate()
                .filter_map(move |(axis, &m)| if axes >> axis & 1 == 0 { Some(m) } else { (n > 0).then_some(1) })
        };
        type Op = (fn(&Array, u8, bool) -> Array, f64, fn(f64, f64) -> f64);
        let ops: [Op; 3] =
            [(sum, 0.0, |a, b| a + b), (max, f64::NEG_INFINITY, f64::max), (min, f64::INFINITY, f64::min)];
        let x = floats(a);
        for (op, start, fold) in ops {
            let want = naive(&x, &shape, axes, start, fold);
            for keep in [false, true] {
                let got = op(a, axes, keep);
                assert!(got.shape().iter().eq(kept(usize::from(keep))), "{:?} of {shape:?}", got.shape());
                assert!(got.is_dense());
                for (got, &want) in floats(&got).into_iter().zip(&want) {
                    close(got, want, tolerance);
                }
            }
        }
    }

    #[test]
    fn over_any_axes_in_any_layout() {
        for shape in shapes() {
            for a in layouts(&shape, f32::NAN, |i| noise(i) as f32) {
                for axes in 0..1u8 << shape.len() {
                    check(&a, axes, 2e-6);
                }
            }
            for a in layouts(&shape, f64::NAN, noise) {
                check(&a, (1 << shape.len()) - 1, 1e-13);
                check(&a, 1, 1e-13);
            }
        }
        for shape in [[5000, 3], [700, 40], [3, 5000], [70, 200]] {
            for a in layouts(&shape, f32::NAN, |i| noise(i) as f32) {
                // Rounding wanders with the root of the number of terms.
                let terms: usize = shape.iter().product();
                (0..4).for_each(|axes| check(&a, axes, f64::from(f32::EPSILON) * (terms as f64).sqrt()));
            }
        }
    }

    #[test]
    fn stretched_axes_count_every_time() {
        let a = Array::from_fn(dims(&[3, 1, 17]), |i| i as f32).expand(&dims(&[3, 5, 17]));
        (0..8).for_each(|axes| check(&a, axes, 1e-6));
        check(&Array::full(2f32, dims(&[])).expand(&dims(&[7, 3])), 3, 0.0);
        check(&Array::full(2f32, dims(&[1])).expand(&dims(&[0])), 1, 0.0);
    }

    #[test]
    fn not_a_number_propagates() {
        for n in [1, 5, 16, 40, 1000] {
            for at in [0, n / 2, n - 1] {
                let row = Array::from_fn(dims(&[n, 1]), |i| if i == at { f32::NAN } else { i as f32 });
                let wide = row.expand(&dims(&[n, 20])).contiguous();
                for op in [sum, max, min] {
                    assert!(floats(&op(&row, 3, false))[0].is_nan());
                    assert!(floats(&op(&wide, 1, false)).iter().all(|x| x.is_nan()));
                    assert_eq!(floats(&op(&wide, 2, false)).iter().filter(|x| x.is_nan()).count(), 1);
                }
            }
        }
        let inf = Array::from_slice(&[f32::INFINITY, 1.0, f32::NEG_INFINITY], dims(&[3]));
        assert_eq!(
            (floats(&max(&inf, 1, false)), floats(&min(&inf, 1, false))),
            (vec![f64::INFINITY], vec![f64::NEG_INFINITY])
        );
    }

    #[test]
    fn a_long_sum_is_accurate() {
        let n = 10_000_000;
        let a = Array::from_fn(dims(&[n]), |i| (0.5 + 0.5 * noise(i)) as f32);
        let exact: f64 = a.dense::<f32>().unwrap().iter().map(|&x| f64::from(x)).sum();
        close(floats(&sum(&a, 1, false))[0], exact, 1e-7);
        for rows in [[n / 20, 20], [20, n / 20]] {
            let matrix = a.reshape(&dims(&rows));
            let total: f64 = floats(&sum(&matrix, 1, false)).iter().sum();
            close(total, exact, 1e-7);
        }
        let squares: f64 = a.dense::<f32>().unwrap().iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        close(sum_squares(&a), squares, 1e-7);
    }

    #[test]
    fn the_order_of_the_axes_stays() {
        let a = Array::full(1f32, dims(&[2, 3, 4, 5])).permute(&[0, 3, 1, 2]);
        assert_eq!(sum(&a, 1, false).strides(), &dims(&[1, 20, 5]));
        assert_eq!(sum(&a, 2, true).strides().get(2), 4);
    }

    #[test]
    fn undoing_broadcasts() {
        for a in layouts(&[2, 3, 4], f32::NAN, |i| i as f32) {
            let all = floats(&a);
            for shape in [
                vec![2, 3, 4],
                vec![4],
                vec![1, 4],
                vec![3, 1],
                vec![2, 1, 1],
                vec![1, 3, 4],
                vec![],
                vec![1, 1, 1, 4][1..].to_vec(),
            ] {
                let got = sum_to(&a, &dims(&shape));
                assert_eq!(got.shape(), &dims(&shape));
                let lead = 3 - shape.len();
                let axes = (0..3)
                    .filter(|&axis| axis < lead || shape[axis - lead] == 1)
                    .fold(0, |axes, axis| axes | 1 << axis);
                assert_eq!(floats(&got), naive(&all, &[2, 3, 4], axes, 0.0, |a, b| a + b));
            }
        }
    }

    #[test]
    fn counting_and_the_largest() {
        for shape in shapes() {
            for a in layouts(&shape, 99, |i| i as i64 % 5) {
                for b in layouts(&shape, 98, |i| i as i64 % 3) {
                    let want = (0..dims(&shape).count()).filter(|i| i % 5 == i % 3).count();
                    assert_eq!(count_equal(&a, &b).to_vec::<i64>(), [want as i64]);
                }
            }
        }
        for a in
            layouts(&[3, 4], 99.0, |i| [1.0, 3.0, 3.0, 2.0, -1.0, -2.0, -1.0, -5.0, 0.0, f64::NAN, 9.0, f64::NAN][i])
        {
            assert_eq!(argmax(&a, 1).to_vec::<i64>(), [1, 0, 1]);
            assert_eq!(argmax(&a, 0).to_vec::<i64>(), [0, 2, 2, 2]);
            assert_eq!(argmax_rows(&cast(&a, DType::F32)).to_vec::<i64>(), [1, 0, 1]);
        }
    }
}
