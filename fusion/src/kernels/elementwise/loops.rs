//! The loops behind element-wise operations: one function of one or two elements, applied in any layout.

use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::array::layout::Dims;
use crate::kernels::array::walk::Walk;
use crate::kernels::simd::{Float, Kernel, MAX_LANES, Vector, dispatch};
use std::mem::MaybeUninit;

/// A function of one element, on vectors of them.
pub trait Map1<T: Float>: Copy {
    /// Its values.
    fn map<V: Vector<Elem = T>>(self, x: V) -> V;
}

/// A function of two elements, on vectors of them.
pub trait Map2<T: Float>: Copy {
    /// Its values.
    fn map<V: Vector<Elem = T>>(self, x: V, y: V) -> V;
}

/// Applies `f` to `n` elements; `out` may be `a`.
struct Unary<T, F> {
    out: *mut T,
    a: *const T,
    n: usize,
    f: F,
}

impl<T: Float, F: Map1<T>> Kernel<T> for Unary<T, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { out, a, n, f } = self;
        let mut i = 0;
        // SAFETY: `out` and `a` are valid for `n` elements, and each is read before it is written.
        unsafe {
            while i + 2 * V::LANES <= n {
                let (x, y) = (f.map(V::load(a.add(i))), f.map(V::load(a.add(i + V::LANES))));
                x.store(out.add(i));
                y.store(out.add(i + V::LANES));
                i += 2 * V::LANES;
            }
            if i + V::LANES <= n {
                f.map(V::load(a.add(i))).store(out.add(i));
                i += V::LANES;
            }
            if i < n {
                let mask = V::tail(n - i);
                f.map(V::load_tail(a.add(i), mask)).store_tail(out.add(i), mask);
            }
        }
    }
}

/// `f` of every element, in place if nobody else sees them; the order of the axes stays if they are dense.
#[track_caller]
pub fn unary<T: Float, F: Map1<T>>(a: Array, f: F) -> Array {
    let mut a = if a.is_dense() { a } else { a.dense_copy() };
    let n = a.count();
    if let Some(x) = a.dense_mut::<T>() {
        let out = x.as_mut_ptr();
        dispatch(Unary { out, a: out.cast_const(), n, f });
        return a;
    }
    // SAFETY: the loop writes all `n` elements.
    unsafe { Array::build_as::<T>(&a, |out| dispatch(Unary { out: out.as_mut_ptr().cast(), a: a.ptr::<T>(), n, f })) }
}

/// Applies `f` to `n` pairs of elements; `out` may be `a`.
struct Flat<T, F> {
    out: *mut T,
    a: *const T,
    b: *const T,
    n: usize,
    f: F,
}

impl<T: Float, F: Map2<T>> Kernel<T> for Flat<T, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        // SAFETY: all are valid for `n` elements.
        unsafe { zip::<V, F>(self.out, self.a, self.b, self.n, self.f) }
    }
}

/// Applies `f` to `n * rows` elements and, over and over, the `n` elements of `b`; `out` may be `a`.
struct Period<T, F> {
    out: *mut T,
    a: *const T,
    b: *const T,
    n: usize,
    rows: usize,
    f: F,
}

impl<T: Float, F: Map2<T>> Kernel<T> for Period<T, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { out, a, b, n, rows, f } = self;
        if n == 1 {
            // SAFETY: `out` and `a` hold `rows` elements, `b` one.
            return unsafe { zip_right::<V, F>(out, a, *b, rows, f) };
        }
        let mut long = MaybeUninit::<[T; REPEATED]>::uninit();
        let (b, n, total) = match n {
            0 => return,
            // SAFETY: `b` holds `n` elements, below `SHORT_ROW`; the array has room for the repetitions that `repeated` counts.
            2..SHORT_ROW => unsafe {
                (long.as_mut_ptr().cast::<T>().cast_const(), repeated(&mut long, b, n, rows) * n, n * rows)
            },
            _ => (b, n, n * rows),
        };
        let mut at = 0;
        while at < total {
            let n = n.min(total - at);
            // SAFETY: `out` and `a` hold `total` elements, of which at most the `n` from `at` on are taken, and `b`, or its
            // repetitions, hold `n`.
            unsafe { zip::<V, F>(out.add(at), a.add(at), b, n, f) };
            at += n;
        }
    }
}

/// Applies `f` to pairs of elements along a walk over output and operands; `out` may be `a` if their layouts agree.
struct Binary<'w, T, F> {
    out: *mut T,
    a: *const T,
    b: *const T,
    walk: &'w Walk<3>,
    f: F,
}

impl<T: Float, F: Map2<T>> Kernel<T> for Binary<'_, T, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { out, a, b, walk, f } = self;
        let inner = walk.inner();
        let n = inner.n;
        match inner.step {
            [1, 1, 1] => {
                for [o, i, j] in walk.rows() {
                    // SAFETY: the walk's rows lie inside the operands, and the steps say that all three are contiguous.
                    unsafe { zip::<V, F>(out.add(o), a.add(i), b.add(j), n, f) };
                }
            }
            [1, 1, 0] => {
                for [o, i, j] in walk.rows() {
                    // SAFETY: the walk's rows lie inside the operands, those of `out` and `a` contiguous; `b` has an element at
                    // its offset.
                    unsafe { zip_right::<V, F>(out.add(o), a.add(i), *b.add(j), n, f) };
                }
            }
            [1, 0, 1] => {
                for [o, i, j] in walk.rows() {
                    // SAFETY: the walk's rows lie inside the operands, those of `out` and `b` contiguous; `a` has an element at
                    // its offset.
                    unsafe { zip_left::<V, F>(out.add(o), *a.add(i), b.add(j), n, f) };
                }
            }
            [o_step, a_step, b_step] => {
                for ([o, i, j], at) in walk.rows().flat_map(|row| (0..n).step_by(V::LANES).map(move |at| (row, at))) {
                    let count = V::LANES.min(n - at);
                    let (mut x, mut y) = ([T::ONE; MAX_LANES], [T::ONE; MAX_LANES]);
                    // SAFETY: `at + k` is below `n`, so each step of the row lies inside the operands; the arrays hold as many
                    // elements as the widest vector. The machine has the instructions, as the caller promises.
                    unsafe {
                        for k in 0..count {
                            x[k] = *a.add(i + (at + k) * a_step);
                            y[k] = *b.add(j + (at + k) * b_step);
                        }
                        f.map(V::load(x.as_ptr()), V::load(y.as_ptr())).store(x.as_mut_ptr());
                        for k in 0..count {
                            *out.add(o + (at + k) * o_step) = x[k];
                        }
                    }
                }
            }
        }
    }
}

/// Row vectors below this length are repeated to make longer rows, which take at most this room.
const SHORT_ROW: usize = 64;
const REPEATED: usize = 128;

/// Fills `long` with repetitions of the `n` elements from `row` on, at most `rows` of them, and gives their number: as
/// many as make whole vectors if there is room.
///
/// # Safety
/// `row` must be valid for reading `n` elements; `n` must be below [`SHORT_ROW`] and neither it nor `rows` 0.
#[inline(always)]
unsafe fn repeated<T: Float>(long: &mut MaybeUninit<[T; REPEATED]>, row: *const T, n: usize, rows: usize) -> usize {
    let long = long.as_mut_ptr().cast::<T>();
    let whole = MAX_LANES >> n.trailing_zeros().min(4);
    let repeat = if n * whole <= REPEATED { SHORT_ROW.div_ceil(n * whole) * whole } else { REPEATED / n };
    let repeat = repeat.min(rows);
    for i in 0..n {
        // SAFETY: the caller's promise; there is room for more than one row.
        unsafe { *long.add(i) = *row.add(i) };
    }
    for i in n..repeat * n {
        // SAFETY: the repetitions take at most the room there is, and what lies `n` before is written.
        unsafe { *long.add(i) = *long.add(i - n) };
    }
    repeat
}

/// # Safety
/// All must be valid for `n` elements; `out` may be `a`. The machine must have the instructions of `V`.
#[inline(always)]
unsafe fn zip<V: Vector, F: Map2<V::Elem>>(out: *mut V::Elem, a: *const V::Elem, b: *const V::Elem, n: usize, f: F) {
    let mut i = 0;
    // SAFETY: the caller's promise.
    unsafe {
        while i + 2 * V::LANES <= n {
            let (x, y) = (
                f.map(V::load(a.add(i)), V::load(b.add(i))),
                f.map(V::load(a.add(i + V::LANES)), V::load(b.add(i + V::LANES))),
            );
            x.store(out.add(i));
            y.store(out.add(i + V::LANES));
            i += 2 * V::LANES;
        }
        if i + V::LANES <= n {
            f.map(V::load(a.add(i)), V::load(b.add(i))).store(out.add(i));
            i += V::LANES;
        }
        if i < n {
            let mask = V::tail(n - i);
            f.map(V::load_tail(a.add(i), mask), V::load_tail(b.add(i), mask)).store_tail(out.add(i), mask);
        }
    }
}

/// # Safety
/// `out` and `a` must be valid for `n` elements; they may be the same. The machine must have the instructions of `V`.
#[inline(always)]
unsafe fn zip_right<V: Vector, F: Map2<V::Elem>>(out: *mut V::Elem, a: *const V::Elem, b: V::Elem, n: usize, f: F) {
    let mut i = 0;
    // SAFETY: the caller's promise.
    unsafe {
        let b = V::splat(b);
        while i + 2 * V::LANES <= n {
            let (x, y) = (f.map(V::load(a.add(i)), b), f.map(V::load(a.add(i + V::LANES)), b));
            x.store(out.add(i));
            y.store(out.add(i + V::LANES));
            i += 2 * V::LANES;
        }
        if i + V::LANES <= n {
            f.map(V::load(a.add(i)), b).store(out.add(i));
            i += V::LANES;
        }
        if i < n {
            let mask = V::tail(n - i);
            f.map(V::load_tail(a.add(i), mask), b).store_tail(out.add(i), mask);
        }
    }
}

/// # Safety
/// `out` and `b` must be valid for `n` elements. The machine must have the instructions of `V`.
#[inline(always)]
unsafe fn zip_left<V: Vector, F: Map2<V::Elem>>(out: *mut V::Elem, a: V::Elem, b: *const V::Elem, n: usize, f: F) {
    let mut i = 0;
    // SAFETY: the caller's promise.
    unsafe {
        let a = V::splat(a);
        while i + 2 * V::LANES <= n {
            let (x, y) = (f.map(a, V::load(b.add(i))), f.map(a, V::load(b.add(i + V::LANES))));
            x.store(out.add(i));
            y.store(out.add(i + V::LANES));
            i += 2 * V::LANES;
        }
        if i + V::LANES <= n {
            f.map(a, V::load(b.add(i))).store(out.add(i));
            i += V::LANES;
        }
        if i < n {
            let mask = V::tail(n - i);
            f.map(a, V::load_tail(b.add(i), mask)).store_tail(out.add(i), mask);
        }
    }
}

/// `f` of every pair of elements, broadcast as NumPy does (the caller has checked that they fit), in place of `a` where
/// nobody else sees it. The order of the axes is that of the first operand that is dense and as large as the result.
#[track_caller]
pub fn binary<T: Float, F: Map2<T>>(mut a: Array, b: &Array, f: F) -> Array {
    match binary_into::<T, F>(&mut a, b, f) {
        None => a,
        Some(result) => result,
    }
}

/// As [`binary`]; `None` if the result stands in `a`.
#[track_caller]
pub fn binary_into<T: Float, F: Map2<T>>(a: &mut Array, b: &Array, f: F) -> Option<Array> {
    let same = a.shape() == b.shape();
    if same && a.strides() == b.strides() && a.is_dense() {
        let (n, b) = (a.count(), b.ptr::<T>());
        if let Some(x) = a.dense_mut::<T>() {
            let out = x.as_mut_ptr();
            dispatch(Flat { out, a: out.cast_const(), b, n, f });
            return None;
        }
        // SAFETY: the loop writes all `n` elements.
        return Some(unsafe {
            Array::build_as::<T>(a, |out| dispatch(Flat { out: out.as_mut_ptr().cast(), a: a.ptr::<T>(), b, n, f }))
        });
    }
    if a.is_contiguous() && b.is_contiguous() && ends_with(a.shape(), b.shape()) {
        let (n, b) = (b.count(), b.ptr::<T>());
        let rows = a.count() / n.max(1);
        if let Some(x) = a.dense_mut::<T>() {
            let out = x.as_mut_ptr();
            dispatch(Period { out, a: out.cast_const(), b, n, rows, f });
            return None;
        }
        // SAFETY: the loop writes all elements.
        return Some(unsafe {
            Array::build_as::<T>(a, |out| {
                dispatch(Period { out: out.as_mut_ptr().cast(), a: a.ptr::<T>(), b, n, rows, f });
            })
        });
    }
    let shape = if same { *a.shape() } else { broadcast(a.shape(), b.shape()) };
    let full = |x: &Array| *x.shape() == shape && x.is_dense();
    let strides = if full(a) {
        *a.strides()
    } else if full(b) {
        *b.strides()
    } else {
        shape.row_major()
    };
    let steps = |x: &Array| if *x.shape() == shape { *x.strides() } else { stretched(x, &shape) };
    let walk = Walk::new(&shape, [&strides, &steps(a), &steps(b)]);
    // Where a whole operand lies in another order, a tiled copy and a flat loop beat one strided loop.
    let strange = |x: &Array, step: usize| step > 1 && *x.shape() == shape && shape.count() > MAX_LANES;
    if strange(b, walk.inner().step[2]) {
        return binary_into(a, &copy::<T>(b, strides), f);
    }
    if strange(a, walk.inner().step[1]) {
        return Some(binary(copy::<T>(a, strides), b, f));
    }
    run(a, b, shape, strides, &walk, f)
}

/// Runs the loop into `a` if it may be written and lies as the result does, else into a new array.
#[track_caller]
fn run<T: Float, F: Map2<T>>(
    a: &mut Array,
    b: &Array,
    shape: Dims,
    strides: Dims,
    walk: &Walk<3>,
    f: F,
) -> Option<Array> {
    let from = b.ptr::<T>();
    if *a.shape() == shape
        && *a.strides() == strides
        && let Some(x) = a.dense_mut::<T>()
    {
        let out = x.as_mut_ptr();
        dispatch(Binary { out, a: out.cast_const(), b: from, walk, f });
        return None;
    }
    // SAFETY: the walk visits every element of the shape once.
    Some(unsafe {
        Array::build_like::<T>(shape, strides, |out| {
            dispatch(Binary { out: out.as_mut_ptr().cast(), a: a.ptr::<T>(), b: from, walk, f });
        })
    })
}

/// Are the sizes of `row`, but for leading axes of size 1, the last ones of `shape`?
fn ends_with(shape: &Dims, row: &Dims) -> bool {
    let ones = row.iter().take_while(|&n| n == 1).count();
    row.rank() <= shape.rank() && row.iter().skip(ones).eq(shape.iter().skip(shape.rank() - row.rank() + ones))
}

/// The shape to which both stretch, right aligned.
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
