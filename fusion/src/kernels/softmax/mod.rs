//! Softmax and its relatives along one axis, stable for any finite input.
//!
//! A dense array is a stack of matrices `[n, inner]` along any axis, whose stride is `inner`. Where that is 1 the lines
//! are contiguous rows; elsewhere a chunk of neighbouring lines goes at once, a lane for each.

use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::dtype::float;
use crate::kernels::parallel::{self, Across, EXPONENTIALS};
use crate::kernels::reduce::short::{self, SHORT};
use crate::kernels::simd::{Float, Kernel, MAX_LANES, Mask, Vector, dispatch};

/// `exp(x)` over its sum along `axis`.
#[track_caller]
pub fn softmax(a: &Array, axis: usize) -> Array {
    float!(a.dtype(), T => along::<T, _>(a, a, axis, Softmax))
}

/// The logarithm of [`softmax`] along `axis`.
#[track_caller]
pub fn log_softmax(a: &Array, axis: usize) -> Array {
    float!(a.dtype(), T => along::<T, _>(a, a, axis, LogSoftmax))
}

/// The gradient of [`softmax`] from its result `y`: `y * (g - sum(g * y))`, the sum along `axis`.
#[track_caller]
pub fn softmax_grad(g: &Array, y: &Array, axis: usize) -> Array {
    float!(y.dtype(), T => along::<T, _>(y, g, axis, SoftmaxGrad))
}

/// The gradient of [`log_softmax`] from its result `y`: `g - exp(y) * sum(g)`, the sum along `axis`.
#[track_caller]
pub fn log_softmax_grad(g: &Array, y: &Array, axis: usize) -> Array {
    float!(y.dtype(), T => along::<T, _>(y, g, axis, LogSoftmaxGrad))
}

/// What is done to a line in three passes: its largest element, a sum, the results. `x` is the first operand's element,
/// `g` the second's.
pub(super) trait Line<T: Float>: Copy {
    /// Does the first pass find the largest `x`?
    const MAX: bool;
    /// Does it take a `g`?
    const PAIR: bool;
    /// Is the term the result but for a factor, so that the second pass stores it?
    const STORED: bool;
    /// The term of the sum that the second pass takes.
    fn term<V: Vector<Elem = T>>(self, x: V, g: V, max: V) -> V;
    /// What the last pass needs of the sum.
    fn close<V: Vector<Elem = T>>(self, sum: V) -> V;
    /// The result; `x` is the term if that was stored.
    fn result<V: Vector<Elem = T>>(self, x: V, g: V, max: V, closed: V) -> V;
}

#[derive(Clone, Copy)]
pub(super) struct Softmax;

impl<T: Float> Line<T> for Softmax {
    const MAX: bool = true;
    const PAIR: bool = false;
    const STORED: bool = true;
    #[inline(always)]
    fn term<V: Vector<Elem = T>>(self, x: V, _: V, max: V) -> V {
        (x - max).exp()
    }
    #[inline(always)]
    fn close<V: Vector<Elem = T>>(self, sum: V) -> V {
        sum.splat_like(T::ONE) / sum
    }
    #[inline(always)]
    fn result<V: Vector<Elem = T>>(self, x: V, _: V, _: V, closed: V) -> V {
        x * closed
    }
}

#[derive(Clone, Copy)]
pub(super) struct LogSoftmax;

impl<T: Float> Line<T> for LogSoftmax {
    const MAX: bool = true;
    const PAIR: bool = false;
    const STORED: bool = false;
    #[inline(always)]
    fn term<V: Vector<Elem = T>>(self, x: V, _: V, max: V) -> V {
        (x - max).exp()
    }
    #[inline(always)]
    fn close<V: Vector<Elem = T>>(self, sum: V) -> V {
        sum.ln()
    }
    #[inline(always)]
    fn result<V: Vector<Elem = T>>(self, x: V, _: V, max: V, closed: V) -> V {
        (x - max) - closed
    }
}

#[derive(Clone, Copy)]
struct SoftmaxGrad;

impl<T: Float> Line<T> for SoftmaxGrad {
    const MAX: bool = false;
    const PAIR: bool = true;
    const STORED: bool = false;
    #[inline(always)]
    fn term<V: Vector<Elem = T>>(self, y: V, g: V, _: V) -> V {
        y * g
    }
    #[inline(always)]
    fn close<V: Vector<Elem = T>>(self, sum: V) -> V {
        sum
    }
    #[inline(always)]
    fn result<V: Vector<Elem = T>>(self, y: V, g: V, _: V, closed: V) -> V {
        y * (g - closed)
    }
}

#[derive(Clone, Copy)]
struct LogSoftmaxGrad;

impl<T: Float> Line<T> for LogSoftmaxGrad {
    const MAX: bool = false;
    const PAIR: bool = true;
    const STORED: bool = false;
    #[inline(always)]
    fn term<V: Vector<Elem = T>>(self, _: V, g: V, _: V) -> V {
        g
    }
    #[inline(always)]
    fn close<V: Vector<Elem = T>>(self, sum: V) -> V {
        sum
    }
    #[inline(always)]
    fn result<V: Vector<Elem = T>>(self, y: V, g: V, _: V, closed: V) -> V {
        g - y.exp() * closed
    }
}

#[track_caller]
fn along<T: Float, L: Line<T>>(x: &Array, g: &Array, axis: usize, line: L) -> Array {
    assert_eq!(x.shape(), g.shape());
    let x = if x.is_dense() { x.clone() } else { x.dense_copy() };
    let g = if g.strides() == x.strides() { g.clone() } else { copy(g, *x.strides()) };
    let n = x.shape().get(axis);
    let inner = if n == 1 { 1 } else { x.strides().get(axis) };
    // SAFETY: the stack of matrices is the whole dense array, and all loops write all of it.
    unsafe {
        Array::build_as::<T>(&x, |out| {
            let stack = x.count() / (n * inner).max(1);
            let (out, x, g) = (out.as_mut_ptr().cast(), x.ptr::<T>(), g.ptr::<T>());
            Stack { out, x, g, stack, n, inner, from: 0, to: inner, line }.split();
        })
    }
}

/// A stack of matrices `[n, inner]`, whose lines are the columns: those from `from` to `to`.
#[derive(Clone, Copy)]
struct Stack<T, L> {
    out: *mut T,
    x: *const T,
    g: *const T,
    stack: usize,
    n: usize,
    inner: usize,
    from: usize,
    to: usize,
    line: L,
}

impl<T: Float, L: Line<T>> Stack<T, L> {
    /// Does all lines. Threads share the matrices, or the columns of few ones, in multiples of the widest vector, so that each
    /// line is computed as it would be alone.
    fn split(self) {
        let Self { stack, n, inner, .. } = self;
        if stack * n * inner == 0 {
            return;
        }
        // SAFETY: each range is of lines of its own.
        let whole = unsafe { Across::new(self) };
        if inner >= MAX_LANES && parallel::pieces(stack * n * inner, EXPONENTIALS) > stack {
            let least = EXPONENTIALS.div_ceil(stack * n);
            return parallel::spread(inner, MAX_LANES, least, |range| {
                dispatch(Self { from: range.start, to: range.end, ..*whole.get() });
            });
        }
        let group = if inner == 1 { MAX_LANES } else { 1 };
        parallel::spread(stack, group, EXPONENTIALS.div_ceil((n * inner).max(1)), |range| {
            let Self { out, x, g, .. } = *whole.get();
            let at = range.start * n * inner;
            let (out, x, g) = (out.wrapping_add(at), x.wrapping_add(at), g.wrapping_add(at));
            dispatch(Self { out, x, g, stack: range.len(), ..*whole.get() });
        });
    }
}

impl<T: Float, L: Line<T>> Kernel<T> for Stack<T, L> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { out, x, g, stack, n, inner, from, to, line } = self;
        if inner == 1 && n <= SHORT {
            // SAFETY: the operands hold `stack` lines of `n` elements, at most `SHORT`, one behind the other.
            return unsafe { short_rows::<V, L>(out, x, g, stack, n, line) };
        }
        if inner == 1 {
            for i in 0..stack {
                // SAFETY: line `i` is `n` elements from `i * n` on in all operands.
                unsafe { row::<V, L>(out.add(i * n), x.add(i * n), g.add(i * n), n, line) };
            }
            return;
        }
        for i in 0..stack {
            let mut k = from;
            while k + V::LANES <= to {
                let at = i * n * inner + k;
                // SAFETY: matrix `i` is `n` rows of `inner` elements, of which a vector from column `k` on is there.
                unsafe { lines::<V, L, true>(out.add(at), x.add(at), g.add(at), n, inner, V::LANES, line) };
                k += V::LANES;
            }
            if k < to {
                let at = i * n * inner + k;
                // SAFETY: matrix `i` is `n` rows of `inner` elements, of which those from column `k` on, less than a
                // vector, are there.
                unsafe { lines::<V, L, false>(out.add(at), x.add(at), g.add(at), n, inner, to - k, line) };
            }
        }
    }
}

/// Many short contiguous lines: a lane for each.
///
/// # Safety
/// All must be valid for `rows * n` elements, `n` at most [`SHORT`], and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn short_rows<V: Vector, L: Line<V::Elem>>(
    out: *mut V::Elem,
    x: *const V::Elem,
    g: *const V::Elem,
    rows: usize,
    n: usize,
    line: L,
) {
    let (mut xs, mut gs) = (short::scratch(), short::scratch());
    for i in (0..rows).step_by(V::LANES) {
        let (at, count) = (i * n, V::LANES.min(rows - i));
        // SAFETY: the caller's promise; the scratch holds `n` vectors.
        unsafe {
            short::gather::<V>(&mut xs, x.add(at), n, count);
            if L::PAIR {
                short::gather::<V>(&mut gs, g.add(at), n, count);
            }
            let (xs, gs) = (xs.as_mut_ptr(), gs.as_ptr());
            lines::<V, L, true>(xs, xs, gs, n, V::LANES, V::LANES, line);
            short::scatter::<V>(out.add(at), xs, n, count, (rows - i - count) * n);
        }
    }
}

/// The largest lane, in all lanes.
#[inline(always)]
fn max_of<V: Vector>(x: V) -> V {
    x.splat_like(x.reduce(V::simd_max))
}

/// What stands for missing elements of a line: nothing that is the largest, and a term of 0.
#[inline(always)]
fn fill<T: Float, L: Line<T>>() -> T {
    if L::MAX { -T::INFINITY } else { T::ZERO }
}

/// The `left` elements from `p` on, at most a vector, filled up with `fill`.
///
/// # Safety
/// `p` must be valid for reading them, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn read<V: Vector>(p: *const V::Elem, left: usize, fill: V::Elem) -> V {
    // SAFETY: the caller's promise.
    unsafe {
        if left >= V::LANES {
            return V::load(p);
        }
        let x = V::load_tail(p, V::tail(left));
        x.first_n(left).select(x, x.splat_like(fill))
    }
}

/// One contiguous line: lanes along it.
///
/// # Safety
/// All must be valid for `n` elements, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn row<V: Vector, L: Line<V::Elem>>(out: *mut V::Elem, x: *const V::Elem, g: *const V::Elem, n: usize, line: L) {
    // SAFETY: the caller's promise.
    unsafe {
        let (max, sum) = row_sum::<V, L>(out, x, g, n, line);
        let closed = line.close(sum);
        let x = if L::STORED { out.cast_const() } else { x };
        let mut at = 0;
        while at + V::LANES <= n {
            line.result(V::load(x.add(at)), V::load(g.add(at)), max, closed).store(out.add(at));
            at += V::LANES;
        }
        if at < n {
            let mask = V::tail(n - at);
            let (x, g) = (V::load_tail(x.add(at), mask), V::load_tail(g.add(at), mask));
            line.result(x, g, max, closed).store_tail(out.add(at), mask);
        }
    }
}

/// The first two passes over a contiguous line: its largest element and its sum, in all lanes.
///
/// # Safety
/// All must be valid for `n` elements, `out` only if terms are stored. The machine must have the instructions of `V`.
#[inline(always)]
pub(super) unsafe fn row_sum<V: Vector, L: Line<V::Elem>>(
    out: *mut V::Elem,
    x: *const V::Elem,
    g: *const V::Elem,
    n: usize,
    line: L,
) -> (V, V) {
    let whole = n / V::LANES * V::LANES;
    // SAFETY: the caller's promise.
    unsafe {
        let fill = fill::<_, L>();
        let last = (read::<V>(x.add(whole), n - whole, fill), read::<V>(g.add(whole), n - whole, V::Elem::ZERO));
        let mut max = last.0;
        if L::MAX {
            for at in (0..whole).step_by(V::LANES) {
                max = max.simd_max(V::load(x.add(at)));
            }
            max = max_of(max);
        }
        let mut sums = V::sums();
        for at in (0..whole).step_by(V::LANES) {
            let term = line.term(V::load(x.add(at)), V::load(g.add(at)), max);
            sums = term.add_to(sums);
            if L::STORED {
                term.store(out.add(at));
            }
        }
        if whole < n {
            let term = line.term(last.0, last.1, max);
            sums = term.add_to(sums);
            if L::STORED {
                term.store_tail(out.add(whole), V::tail(n - whole));
            }
        }
        (max, max.splat_like(V::Elem::from_f64(V::total(sums))))
    }
}

/// Neighbouring lines, a lane for each: `width` of them, a vector if `WHOLE`, else less; `step` from one element to the
/// next.
///
/// # Safety
/// All must be valid for `width` elements at each of `n` steps, `out` may be `x`, and the machine must have the
/// instructions of `V`.
#[inline(always)]
unsafe fn lines<V: Vector, L: Line<V::Elem>, const WHOLE: bool>(
    out: *mut V::Elem,
    x: *const V::Elem,
    g: *const V::Elem,
    n: usize,
    step: usize,
    width: usize,
    line: L,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mask = V::tail(width);
        let (max, sum) = lines_sum::<V, L, WHOLE>(out, x, g, n, step, mask, line);
        let closed = line.close(sum);
        let x = if L::STORED { out.cast_const() } else { x };
        for i in 0..n {
            let (x, g) = (some::<V, WHOLE>(x.add(i * step), mask), some::<V, WHOLE>(g.add(i * step), mask));
            store_some::<V, WHOLE>(line.result(x, g, max, closed), out.add(i * step), mask);
        }
    }
}

/// The first two passes over neighbouring lines: their largest elements and their sums.
///
/// # Safety
/// As for [`lines`]; `out` must be valid only if terms are stored.
#[inline(always)]
pub(super) unsafe fn lines_sum<V: Vector, L: Line<V::Elem>, const WHOLE: bool>(
    out: *mut V::Elem,
    x: *const V::Elem,
    g: *const V::Elem,
    n: usize,
    step: usize,
    mask: V::Tail,
    line: L,
) -> (V, V) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut max = V::splat(-V::Elem::INFINITY);
        if L::MAX {
            for i in 0..n {
                max = max.simd_max(some::<V, WHOLE>(x.add(i * step), mask));
            }
        }
        // A short sum is good in its own type; long ones are joined in `f64`, part by part.
        let mut sums = V::sums();
        let mut sum = V::zero();
        for i in 0..n {
            if i > 0 && i.is_multiple_of(SHORT) {
                sums = sum.add_to(sums);
                sum = V::zero();
            }
            let (x, g) = (some::<V, WHOLE>(x.add(i * step), mask), some::<V, WHOLE>(g.add(i * step), mask));
            let term = line.term(x, g, max);
            sum = sum + term;
            if L::STORED {
                store_some::<V, WHOLE>(term, out.add(i * step), mask);
            }
        }
        if n > SHORT {
            let mut each = [V::Elem::ZERO; MAX_LANES];
            for (to, from) in each.iter_mut().zip(V::each_sum(sum.add_to(sums))) {
                *to = V::Elem::from_f64(from);
            }
            sum = V::load(each.as_ptr());
        }
        (max, sum)
    }
}

/// A whole vector from `p` on, or the lanes of the mask.
///
/// # Safety
/// `p` must be valid for reading them, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn some<V: Vector, const WHOLE: bool>(p: *const V::Elem, mask: V::Tail) -> V {
    // SAFETY: the caller's promise.
    unsafe { if WHOLE { V::load(p) } else { V::load_tail(p, mask) } }
}

/// Writes a whole vector from `p` on, or the lanes of the mask.
///
/// # Safety
/// `p` must be valid for writing them.
#[inline(always)]
unsafe fn store_some<V: Vector, const WHOLE: bool>(x: V, p: *mut V::Elem, mask: V::Tail) {
    // SAFETY: the caller's promise.
    unsafe { if WHOLE { x.store(p) } else { x.store_tail(p, mask) } }
}

#[cfg(test)]
mod tests;
