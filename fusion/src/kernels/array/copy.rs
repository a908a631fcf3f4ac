//! Copies into another layout or another element type.

use crate::kernels::array::Array;
use crate::kernels::array::layout::{Dims, is_dense};
use crate::kernels::array::walk::{AxisOf, Walk};
use crate::kernels::dtype::{DType, Element};
use crate::kernels::parallel::{self, Across, BYTES};
use crate::kernels::simd::{Float, Kernel, Vector, dispatch};

/// The side of the square tiles in which a transposing copy goes, so that both sides stay in the cache.
const TILE: usize = 16;

/// A copy laid out with dense `strides`. Panics if they are not dense.
#[track_caller]
pub fn copy(src: &Array, strides: Dims) -> Array {
    let shape = *src.shape();
    assert!(is_dense(&shape, &strides), "a copy needs dense strides, not {strides:?} for {shape:?}");
    let from = src.start();
    // SAFETY: the strides are dense, so a walk over the shape writes every element of the new array once; what it reads
    // lies inside `src`. Numbers of an element's size are moved as they are, whatever the bits mean.
    unsafe {
        Array::build_bytes(src.dtype(), shape, strides, |out| match src.dtype().size() {
            1 => copy_to::<u8>(out, from, &shape, &strides, src.strides(), |turn| turn.scalars()),
            4 => copy_to::<f32>(out.cast(), from.cast(), &shape, &strides, src.strides(), |turn| dispatch(turn)),
            _ => copy_to::<f64>(out.cast(), from.cast(), &shape, &strides, src.strides(), |turn| dispatch(turn)),
        })
    }
}

/// Copies the elements of `shape` from `from` with the strides `steps` to `out` with dense `strides`; `turn` copies
/// matrices whose rows become columns.
///
/// # Safety
/// Both must be valid for all elements of the shape, and must not overlap.
unsafe fn copy_to<T: Copy>(
    out: *mut T,
    from: *const T,
    shape: &Dims,
    strides: &Dims,
    steps: &Dims,
    turn: fn(Turn<'_, T>),
) {
    let walk = Walk::new(shape, [strides, steps]);
    // SAFETY: each part of the walk writes a stretch of `out` of its own.
    let both = unsafe { Across::new((out, from)) };
    walk.split(BYTES / size_of::<T>(), |walk, [o, i]| {
        let (out, from) = *both.get();
        // SAFETY: the caller's promise; a part with the starts that belong to it visits what the walk does.
        unsafe { copy_along(out.wrapping_add(o), from.wrapping_add(i), walk, turn) };
    });
}

/// Copies along a walk over `out`, whose axes rise with its dense strides, and `from`.
///
/// # Safety
/// Both must be valid for all elements of the walk, and must not overlap.
unsafe fn copy_along<T: Copy>(out: *mut T, from: *const T, walk: &Walk<2>, turn: fn(Turn<'_, T>)) {
    let inner = walk.inner();
    match inner.step {
        [_, 1] => {
            for [o, i] in walk.rows() {
                // SAFETY: the walk's rows lie inside both operands, which do not overlap; its axes rise with the strides of
                // `out`, which are dense, so a row of it is contiguous, as it is in `from`.
                unsafe { from.add(i).copy_to_nonoverlapping(out.add(o), inner.n) };
            }
        }
        [_, 0] => {
            for [o, i] in walk.rows() {
                // SAFETY: the walk's rows lie inside `out`, contiguous as it is dense, and its offset inside `from`. The slice
                // is dropped before anybody else sees that memory, and only elements that need no dropping are
                // overwritten.
                unsafe { std::slice::from_raw_parts_mut(out.add(o), inner.n).fill(*from.add(i)) };
            }
        }
        [_, step] => match walk.axes().iter().position(|axis| axis.step[1] == 1) {
            None => {
                for [o, i] in walk.rows() {
                    for k in 0..inner.n {
                        // SAFETY: the walk's rows lie inside both operands; a row of `out` is contiguous, as it is dense.
                        unsafe { *out.add(o + k) = *from.add(i + k * step) };
                    }
                }
            }
            Some(cross) => {
                let axes = walk.axes().iter().enumerate();
                let rest = Walk::ordered(axes.filter(|&(i, _)| i != 0 && i != cross).map(|(_, &axis)| axis));
                turn(Turn { out, from, inner, cross: walk.axes()[cross], rest: &rest });
            }
        },
    }
}

/// Copies matrices whose output is contiguous along `inner` and whose input is contiguous along `cross`, for each step of
/// the walk over the other axes.
struct Turn<'w, T> {
    out: *mut T,
    from: *const T,
    inner: AxisOf<2>,
    cross: AxisOf<2>,
    rest: &'w Walk<2>,
}

impl<T: Copy> Turn<'_, T> {
    /// Copies all matrices, element by element.
    fn scalars(&self) {
        let last = self.rest.inner();
        for [o, i] in self.rest.rows() {
            for k in 0..last.n {
                // SAFETY: each matrix of the walk lies inside both operands, which do not overlap.
                unsafe { self.scalar(self.out.add(o + k * last.step[0]), self.from.add(i + k * last.step[1]), 0) };
            }
        }
    }

    /// Copies a matrix, from index `start` of `cross` on.
    ///
    /// # Safety
    /// Both must be valid for all its elements, and must not overlap.
    unsafe fn scalar(&self, out: *mut T, from: *const T, start: usize) {
        for i in (0..self.inner.n).step_by(TILE) {
            for j in (start..self.cross.n).step_by(TILE) {
                for jj in j..self.cross.n.min(j + TILE) {
                    for ii in i..self.inner.n.min(i + TILE) {
                        // SAFETY: both indices lie inside their axes.
                        unsafe { *out.add(jj * self.cross.step[0] + ii) = *from.add(ii * self.inner.step[1] + jj) };
                    }
                }
            }
        }
    }
}

impl<T: Float> Kernel<T> for Turn<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let (inner, cross, last) = (self.inner, self.cross, self.rest.inner());
        for [o, i] in self.rest.rows() {
            for k in 0..last.n {
                // SAFETY: the walk's offsets stay inside the operands, and so do both indices of a matrix.
                unsafe {
                    let (out, from) = (self.out.add(o + k * last.step[0]), self.from.add(i + k * last.step[1]));
                    if inner.n >= V::BLOCK {
                        for i in (0..inner.n).step_by(TILE) {
                            for j in (0..cross.n).step_by(TILE) {
                                turn_tile::<V>(out, from, inner, cross, i, j);
                            }
                        }
                    } else if cross.step[0] == inner.n {
                        // Narrow rows that follow each other: what a block writes too much the next one corrects.
                        let safe = (cross.n * inner.n).saturating_sub(V::BLOCK) / inner.n / V::BLOCK * V::BLOCK;
                        for j in (0..safe).step_by(V::BLOCK) {
                            let to = out.add(j * inner.n);
                            V::transpose(from.add(j), inner.step[1], inner.n, V::BLOCK, to, inner.n);
                        }
                        self.scalar(out, from, safe);
                    } else {
                        self.scalar(out, from, 0);
                    }
                }
            }
        }
    }
}

/// Copies the tile at (`i`, `j`) of a matrix that is at least a block long along `inner`. The last block of that axis
/// moves back to end with it.
///
/// # Safety
/// Both must be valid for all elements of the matrix, and must not overlap. The machine must have the instructions of `V`.
#[inline(always)]
unsafe fn turn_tile<V: Vector>(
    out: *mut V::Elem,
    from: *const V::Elem,
    inner: AxisOf<2>,
    cross: AxisOf<2>,
    i: usize,
    j: usize,
) {
    let (out_step, in_step) = (cross.step[0], inner.step[1]);
    for j in (j..cross.n.min(j + TILE)).step_by(V::BLOCK) {
        for i in (i..inner.n.min(i + TILE)).step_by(V::BLOCK) {
            let i = i.min(inner.n - V::BLOCK);
            // SAFETY: both indices lie inside their axes, and `V::BLOCK` steps of `i` too.
            unsafe {
                let (to, from) = (out.add(j * out_step + i), from.add(i * in_step + j));
                V::transpose(from, in_step, V::BLOCK, V::BLOCK.min(cross.n - j), to, out_step);
            }
        }
    }
}

impl Array {
    /// A copy laid out with dense `strides`.
    #[track_caller]
    pub(super) fn copy(&self, strides: Dims) -> Self {
        copy(self, strides)
    }
}

/// The elements converted to another type, with the order of the axes kept: from float to integer as Rust's `as` does
/// (towards zero, out of range to the nearest end, NaN to 0), to `bool` whether they differ from zero, from `bool` 0 or 1.
#[track_caller]
pub fn cast(a: &Array, to: DType) -> Array {
    if a.dtype() == to {
        return a.clone();
    }
    macro_rules! table {
        ($($from:ident $f:ty: [$($tag:ident $t:ty = |$x:ident| $e:expr),*];)*) => {
            match (a.dtype(), to) {
                $($((DType::$from, DType::$tag) => convert::<$f, $t>(a, |$x| $e),)*)*
                _ => a.clone(),
            }
        };
    }
    table! {
        F32 f32: [F64 f64 = |x| x.into(), I64 i64 = |x| x as i64, U8 u8 = |x| x as u8, Bool bool = |x| x != 0.0];
        F64 f64: [F32 f32 = |x| x as f32, I64 i64 = |x| x as i64, U8 u8 = |x| x as u8, Bool bool = |x| x != 0.0];
        I64 i64: [F32 f32 = |x| x as f32, F64 f64 = |x| x as f64, U8 u8 = |x| x as u8, Bool bool = |x| x != 0];
        U8 u8: [F32 f32 = |x| x.into(), F64 f64 = |x| x.into(), I64 i64 = |x| x.into(), Bool bool = |x| x != 0];
        Bool bool: [F32 f32 = |x| x.into(), F64 f64 = |x| x.into(), I64 i64 = |x| x.into(), U8 u8 = |x| x.into()];
    }
}

#[track_caller]
fn convert<A: Element, B: Element>(a: &Array, f: impl Fn(A) -> B + Sync) -> Array {
    let a = if a.is_dense() { a.clone() } else { a.dense_copy() };
    let from = a.dense::<A>().expect("dense");
    // SAFETY: both sides have as many elements, so all are written.
    unsafe {
        Array::build_like::<B>(*a.shape(), *a.strides(), |out| {
            parallel::split_mut(out, BYTES / size_of::<B>(), |start, out| {
                for (out, &x) in out.iter_mut().zip(&from[start..]) {
                    out.write(f(x));
                }
            });
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{dims, layouts, shapes};

    /// Every index of a shape.
    fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
        shape.iter().fold(vec![vec![]], |all, &n| {
            all.iter().flat_map(|index| (0..n).map(move |i| [index.as_slice(), &[i]].concat())).collect()
        })
    }

    fn check<T: Element>(f: impl Fn(usize) -> T + Copy) {
        for shape in shapes() {
            let orders = layouts(&shape, f(1), f);
            for (a, b) in orders.iter().flat_map(|a| orders[..3].iter().map(move |b| (a, b))) {
                let c = copy(a, *b.strides());
                assert_eq!(c.strides(), b.strides());
                for (i, index) in indices(&shape).iter().enumerate() {
                    assert_eq!(c.get::<T>(index), Some(f(i)), "{a:?} to {b:?} at {index:?}");
                }
            }
        }
    }

    #[test]
    fn every_layout_to_every_other() {
        check(|i| i as f32);
        check(|i| i as f64);
        check(|i| i as i64);
        check(|i| i as u8);
        check(|i| i % 3 == 0);
    }

    #[test]
    fn stretched_operands() {
        let row = Array::from_fn(dims(&[1, 40]), |i| i as f32).expand(&dims(&[3, 40]));
        assert_eq!(row.to_vec::<f32>()[40..80], row.to_vec::<f32>()[..40]);
        let column = Array::from_fn(dims(&[3, 1]), |i| i as f32).expand(&dims(&[3, 40]));
        assert_eq!(copy(&column, dims(&[1, 3])).dense::<f32>().unwrap()[..6], [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    }

    #[test]
    #[should_panic(expected = "a copy needs dense strides")]
    fn gaps_are_refused() {
        copy(&Array::full(0f32, dims(&[2, 2])), dims(&[3, 1]));
    }

    #[test]
    fn casts_as_rust_does() {
        let values = [0.0, -0.0, 1.5, -1.5, 255.9, 256.0, -3.0, 1e30, -1e30, f64::NAN, f64::INFINITY];
        let a = Array::from_slice(&values, dims(&[11]));
        assert_eq!(cast(&a, DType::I64).to_vec::<i64>(), values.map(|x| x as i64));
        assert_eq!(cast(&a, DType::U8).to_vec::<u8>(), values.map(|x| x as u8));
        assert_eq!(cast(&a, DType::Bool).to_vec::<bool>(), values.map(|x| x != 0.0));
        assert_eq!(cast(&a, DType::F32).to_vec::<f32>()[..8], values.map(|x| x as f32)[..8]);
        let single = cast(&a, DType::F32);
        assert_eq!(cast(&single, DType::U8).to_vec::<u8>(), values.map(|x| x as f32 as u8));
        let bytes = Array::from_fn(dims(&[300]), |i| i as u8);
        for to in [DType::F32, DType::F64, DType::I64] {
            let there = cast(&bytes, to);
            assert_eq!(there.dtype(), to);
            assert_eq!(cast(&there, DType::U8).to_vec::<u8>(), bytes.to_vec::<u8>());
            let truth = bytes.to_vec::<u8>().iter().map(|&x| u8::from(x != 0)).collect::<Vec<_>>();
            assert_eq!(cast(&cast(&cast(&there, DType::Bool), to), DType::U8).to_vec::<u8>(), truth);
        }
        let truth = Array::from_slice(&[true, false], dims(&[2]));
        assert_eq!(cast(&truth, DType::F32).to_vec::<f32>(), [1.0, 0.0]);
        assert_eq!(cast(&truth, DType::I64).to_vec::<i64>(), [1, 0]);
        let turned = cast(&Array::from_fn(dims(&[2, 3]), |i| i as f32).swap(0, 1), DType::I64);
        assert_eq!((turned.to_vec::<i64>(), turned.strides()), (vec![0, 3, 1, 4, 2, 5], &dims(&[1, 3])));
    }
}
