//! Elements picked along an axis, by an index of their own for each place, and put back. An index that is out of range is a
//! panic: operations ask [`gather::outside`](super::gather::outside) first, which says where it stands.

use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use crate::kernels::array::walk::{AxisOf, Walk};
use crate::kernels::dtype::{Element, bits, float};
use crate::kernels::simd::{Float, prefetch};

/// How many indices ahead the memory of an element is asked for.
const AHEAD: usize = 16;

/// Whether elements along an axis lie in more memory than the first caches have, so that it pays to ask for them early.
fn is_far<T>(n: usize, along: usize) -> bool {
    n.saturating_mul(along).saturating_mul(size_of::<T>()) > 1 << 19
}

/// The strides of `array` for a walk that goes along `axis` by an index.
fn held(strides: &Dims, axis: usize) -> Dims {
    let mut strides = *strides;
    strides.set(axis, 0);
    strides
}

/// Does every place of `index` lie in `of`, but for `axis`?
fn fits(index: &Dims, of: &Dims, axis: usize) -> bool {
    let mut sizes = index.iter().zip(of.iter()).enumerate();
    index.rank() == of.rank() && axis < of.rank() && sizes.all(|(i, (index, of))| i == axis || index <= of)
}

/// For each place of `index` (`i64`, of the rank of `x`, no larger beside `axis`) the element of `x` at this place, but along
/// `axis` at this index. In C order.
///
/// # Panics
/// If the shapes do not fit, or an index is out of range.
#[track_caller]
pub fn gather(x: &Array, axis: usize, index: &Array) -> Array {
    let index = index.contiguous();
    assert!(fits(index.shape(), x.shape(), axis), "no gather of {:?} by {:?}", x.shape(), index.shape());
    let (dtype, bits) = (x.dtype(), x.clone().bits());
    let found = bits!(dtype, T => gathered::<T>(&bits, axis, &index));
    // SAFETY: each element is one of `x`.
    unsafe { found.of_bits(dtype) }
}

#[track_caller]
fn gathered<T: Element>(x: &Array, axis: usize, index: &Array) -> Array {
    let (shape, n, along) = (*index.shape(), x.shape().get(axis), x.strides().get(axis));
    let walk = Walk::new(&shape, [&shape.row_major(), &held(x.strides(), axis)]);
    let (from, numbers) = (x.elements::<T>(), index.as_slice::<i64>().expect("contiguous"));
    let AxisOf { n: inner, step: [to_step, from_step] } = walk.inner();
    let far = is_far::<T>(n, along);
    // SAFETY: the walk visits every place of the result once, and each is written.
    unsafe {
        Array::build::<T>(shape, |out| {
            for [to, at] in walk.rows() {
                for k in 0..inner {
                    let to = to + k * to_step;
                    if far && let Some(&next) = numbers.get(to + AHEAD * to_step) {
                        prefetch(from, at + (k + AHEAD) * from_step + next as usize * along);
                    }
                    out[to].write(from[at + k * from_step + inside(numbers[to], n) * along]);
                }
            }
        })
    }
}

/// `onto` with, for each place of `index`, the element of `from` at this place put where [`gather`] would take one, in the order
/// of the places.
///
/// # Panics
/// If the shapes or the types do not fit, or an index is out of range.
#[track_caller]
pub fn scatter(onto: Array, axis: usize, index: &Array, from: &Array) -> Array {
    let dtype = onto.dtype();
    assert!(from.dtype() == dtype, "elements of type {}, not {dtype}", from.dtype());
    let (onto, from) = (onto.bits(), from.clone().bits());
    let both = bits!(dtype, T => scattered::<T>(onto, axis, index, &from, |_, new| new));
    // SAFETY: each element is one of `onto` or of `from`.
    unsafe { both.of_bits(dtype) }
}

/// As [`scatter`], but each element is added to what is there: onto zeros the adjoint of [`gather`].
///
/// # Panics
/// As [`scatter`], and if the elements are no floats.
#[track_caller]
pub fn scatter_add(onto: Array, axis: usize, index: &Array, from: &Array) -> Array {
    float!(onto.dtype(), T => scattered::<T>(onto, axis, index, from, |old, new| old + new))
}

#[track_caller]
fn scattered<T: Element>(
    onto: Array,
    axis: usize,
    index: &Array,
    from: &Array,
    both: impl Fn(T, T) -> T + Copy,
) -> Array {
    let (shape, whole) = (*index.shape(), *onto.shape());
    assert!(
        *from.shape() == shape && fits(&shape, &whole, axis),
        "no scatter of {:?} onto {whole:?} by {shape:?}",
        from.shape()
    );
    let mut onto = if onto.is_contiguous() { onto } else { onto.contiguous() };
    let (index, strides, n) = (index.contiguous(), whole.row_major(), whole.get(axis));
    let walk = Walk::new(&shape, [&shape.row_major(), from.strides(), &held(&strides, axis)]);
    let (from, numbers) = (from.elements::<T>(), index.as_slice::<i64>().expect("contiguous"));
    let (out, along) = (onto.make_mut::<T>(), strides.get(axis));
    let AxisOf { n: inner, step: [number_step, from_step, to_step] } = walk.inner();
    let far = is_far::<T>(n, along);
    for [number, at, to] in walk.rows() {
        for k in 0..inner {
            if far && let Some(&next) = numbers.get(number + (k + AHEAD) * number_step) {
                prefetch(out, to + (k + AHEAD) * to_step + next as usize * along);
            }
            let out = &mut out[to + k * to_step + inside(numbers[number + k * number_step], n) * along];
            *out = both(*out, from[at + k * from_step]);
        }
    }
    onto
}

/// Zeros of the shape `whole` that hold `g` at the places that a view of these `strides` (of the C order) from `start` on would
/// show: the adjoint of a view whose places are all different.
///
/// # Panics
/// If a place is outside, or the elements are no floats.
#[track_caller]
pub fn put_view(g: &Array, whole: &Dims, strides: &Dims, start: usize) -> Array {
    float!(g.dtype(), T => {
        let mut onto = Array::full(T::ZERO, *whole);
        let walk = Walk::new(g.shape(), [strides, g.strides()]);
        let (out, from) = (onto.make_mut::<T>(), g.elements::<T>());
        let AxisOf { n: inner, step: [to_step, from_step] } = walk.inner();
        for [to, at] in walk.rows() {
            for k in 0..inner {
                out[start + to + k * to_step] = from[at + k * from_step];
            }
        }
        onto
    })
}

/// An index, which must be one of `n`.
#[track_caller]
#[inline]
fn inside(index: i64, n: usize) -> usize {
    assert!((index as u64) < n as u64, "there is no index {index} along an axis of {n}");
    index as usize
}

/// What stands around an axis in C order: how many stretches, and the length of each step.
fn around(shape: &Dims, axis: usize) -> (usize, usize) {
    assert!(axis < shape.rank(), "there is no axis {axis} in {shape:?}");
    // No overflow: parts of a count.
    (shape.iter().take(axis).product(), shape.iter().skip(axis + 1).product())
}

/// The shape in which `axis` is replaced by the axes of `indices`.
#[track_caller]
fn replaced(shape: &Dims, axis: usize, indices: &Dims) -> Dims {
    let mut new = Dims::default();
    for n in shape.iter().take(axis).chain(indices.iter()).chain(shape.iter().skip(axis + 1)) {
        new.push(n);
    }
    new
}

/// The parts of `x` at these indices (`i64`) along `axis`, whose place the axes of `indices` take. In C order.
///
/// # Panics
/// If there is no such axis, the result has too many, or an index is out of range.
#[track_caller]
pub fn picks(x: &Array, axis: usize, indices: &Array) -> Array {
    let (outer, inner) = around(x.shape(), axis);
    let (shape, n) = (replaced(x.shape(), axis, indices.shape()), x.shape().get(axis));
    let (dtype, x, indices) = (x.dtype(), x.contiguous().bits(), indices.contiguous());
    let numbers = indices.as_slice::<i64>().expect("contiguous");
    let picked = bits!(dtype, T => {
        let from = x.as_slice::<T>().expect("contiguous");
        // SAFETY: the result is `outer` times a stretch of `inner` elements for each index, and each is written in full.
        unsafe {
            Array::build::<T>(shape, |out| {
                let mut places = out.chunks_exact_mut(inner.max(1));
                for from in (0..outer).map(|i| &from[i * n * inner..][..n * inner]) {
                    for (&index, out) in numbers.iter().zip(&mut places) {
                        out.write_copy_of_slice(&from[inside(index, n) * inner..][..inner]);
                    }
                }
            })
        }
    });
    // SAFETY: each element is one of `x`.
    unsafe { picked.of_bits(dtype) }
}

/// Zeros with `n` places along `axis`, to which the parts of `g` are added at their indices: the adjoint of [`picks`].
///
/// # Panics
/// If the shapes do not fit, an index is out of range, or the elements are no floats.
#[track_caller]
pub fn add_picks(g: &Array, axis: usize, indices: &Array, n: usize) -> Array {
    let behind = axis + indices.shape().rank();
    let mut whole = Dims::default();
    for size in g.shape().iter().take(axis).chain([n]).chain(g.shape().iter().skip(behind)) {
        whole.push(size);
    }
    assert_eq!(*g.shape(), replaced(&whole, axis, indices.shape()), "a part for each index");
    let (outer, inner) = around(&whole, axis);
    let (g, indices) = (g.contiguous(), indices.contiguous());
    let numbers = indices.as_slice::<i64>().expect("contiguous");
    float!(g.dtype(), T => {
        let mut onto = Array::full(T::ZERO, whole);
        let (out, mut parts) = (onto.make_mut::<T>(), g.as_slice::<T>().expect("contiguous").chunks_exact(inner.max(1)));
        for i in 0..outer {
            let out = &mut out[i * n * inner..][..n * inner];
            for (&index, part) in numbers.iter().zip(&mut parts) {
                for (sum, x) in out[inside(index, n) * inner..][..inner].iter_mut().zip(part) {
                    *sum += *x;
                }
            }
        }
        onto
    })
}

/// The places of the elements that are true, in C order, each as its number.
///
/// # Panics
/// If the elements are no truth values.
#[track_caller]
pub fn places(mask: &Array) -> Array {
    let mask = mask.contiguous();
    let all = mask.as_slice::<bool>().expect("contiguous").iter().zip(0i64..);
    let found: Vec<i64> = all.filter(|(is, _)| **is).map(|(_, place)| place).collect();
    Array::from_slice(&found, Dims::new(&[found.len()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{layouts, noise};

    /// The multi-index of an element number.
    fn index_of(mut i: usize, shape: &[usize]) -> Vec<usize> {
        let mut index = vec![0; shape.len()];
        for (place, n) in index.iter_mut().zip(shape).rev() {
            (*place, i) = (i % n, i / n);
        }
        index
    }

    fn number_of(index: &[usize], shape: &[usize]) -> usize {
        index.iter().zip(shape).fold(0, |number, (i, n)| number * n + i)
    }

    const SHAPES: [(&[usize], &[usize], usize); 7] = [
        (&[5], &[9], 0),
        (&[3, 4], &[2, 7], 1),
        (&[3, 4], &[7, 4], 0),
        (&[2, 3, 4], &[2, 5, 3], 1),
        (&[4, 1, 3], &[6, 1, 2], 0),
        (&[2, 3, 2, 3], &[1, 3, 2, 8], 3),
        (&[2, 3], &[0, 2], 0),
    ];

    #[test]
    fn by_an_index_for_each_place() {
        for (shape, by, axis) in SHAPES {
            let n = shape[axis];
            let pick = |i: usize| (i * 7 + i / 3) % n;
            let at = |i: usize| {
                let mut index = index_of(i, by);
                index[axis] = pick(i);
                number_of(&index, shape)
            };
            let count: usize = by.iter().product();
            for (x, index) in layouts(shape, 1.0, noise).iter().zip(layouts(by, 0, |i| pick(i) as i64)) {
                let want: Vec<f64> = (0..count).map(|i| noise(at(i))).collect();
                assert_eq!(gather(x, axis, &index).to_vec::<f64>(), want);
                let small = crate::kernels::elementwise::cast(x, crate::kernels::DType::Bool);
                let truths: Vec<bool> = want.iter().map(|&x| x != 0.0).collect();
                assert_eq!(gather(&small, axis, &index).to_vec::<bool>(), truths);
                let from = Array::from_fn(Dims::new(by), |i| noise(i + 99));
                let of = |i: usize| noise(i + 99);
                let (mut sums, mut last) = (x.to_vec::<f64>(), x.to_vec::<f64>());
                for i in 0..count {
                    sums[at(i)] += of(i);
                    last[at(i)] = of(i);
                }
                assert_eq!(scatter_add(x.clone(), axis, &index, &from).to_vec::<f64>(), sums);
                assert_eq!(scatter(x.clone(), axis, &index, &from).to_vec::<f64>(), last);
            }
        }
    }

    #[test]
    fn by_one_index_for_all() {
        let x = Array::from_fn(Dims::new(&[2, 5, 3]), noise);
        let indices = Array::from_slice(&[4i64, 0, 1, 4], Dims::new(&[2, 2]));
        for (axis, n) in [(0, 2), (1, 5), (2, 3)] {
            let indices = Array::from_fn(Dims::new(&[2, 2]), |i| indices.to_vec::<i64>()[i].min(n as i64 - 1));
            let y = picks(&x, axis, &indices);
            let mut want = Vec::new();
            let (outer, inner) = around(x.shape(), axis);
            for o in 0..outer {
                for i in indices.to_vec::<i64>() {
                    let start = (o * n + i as usize) * inner;
                    want.extend((start..start + inner).map(noise));
                }
            }
            assert_eq!(y.to_vec::<f64>(), want);
            // The adjoint: <picks(x), g> = <x, add_picks(g)>.
            let g = Array::from_fn(*y.shape(), |i| noise(i + 50));
            let back = add_picks(&g, axis, &indices, n);
            assert_eq!(back.shape(), x.shape());
            let dot = |a: &Array, b: &Array| -> f64 {
                a.to_vec::<f64>().iter().zip(b.to_vec::<f64>()).map(|(a, b)| a * b).sum()
            };
            assert!((dot(&y, &g) - dot(&x, &back)).abs() < 1e-12);
        }
        let none = Array::full(0i64, Dims::new(&[0]));
        assert_eq!(*picks(&x, 1, &none).shape(), [2, 0, 3][..]);
        assert_eq!(add_picks(&picks(&x, 1, &none), 1, &none, 5).to_vec::<f64>(), [0.0; 30]);
        let narrow = Array::full(1f32, Dims::new(&[2, 5, 0]));
        assert_eq!(*picks(&narrow, 1, &indices).shape(), [2, 2, 2, 0][..]);
        assert_eq!(*add_picks(&picks(&narrow, 1, &indices), 1, &indices, 5).shape(), [2, 5, 0][..]);
    }

    #[test]
    fn a_view_put_back() {
        let g = Array::from_fn(Dims::new(&[2, 2]), |i| i as f64 + 1.0).swap(0, 1);
        // Columns 1 and 3 of every second row of [4, 5].
        let y = put_view(&g, &Dims::new(&[4, 5]), &Dims::new(&[10, 2]), 1).to_vec::<f64>();
        let mut want = [0.0; 20];
        [want[1], want[3], want[11], want[13]] = [1.0, 3.0, 2.0, 4.0];
        assert_eq!(y, want);
    }

    #[test]
    fn places_of_truths() {
        let mask = Array::from_slice(&[true, false, true, true, false, false], Dims::new(&[3, 2]));
        assert_eq!(places(&mask).to_vec::<i64>(), [0, 2, 3]);
        assert_eq!(places(&mask.swap(0, 1)).to_vec::<i64>(), [0, 1, 4]);
    }

    #[test]
    #[should_panic(expected = "there is no index -1 along an axis of 3")]
    fn an_index_outside() {
        gather(&Array::full(1f32, Dims::new(&[3])), 0, &Array::from_slice(&[0i64, -1], Dims::new(&[2])));
    }
}
