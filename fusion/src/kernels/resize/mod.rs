//! Axes that are stretched, each new element between two old ones.

use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use crate::kernels::dtype::float;
use crate::kernels::simd::Float;

/// Where an element of the stretched axis lies.
#[derive(Clone, Copy, Debug)]
pub struct Between {
    /// The element in front.
    pub low: usize,
    /// The one behind, or the same at the end.
    pub high: usize,
    /// How much that weighs; the other weighs what is left to 1.
    pub weight: f64,
}

/// `x` with `axis` as long as there are `places`: each element is the mean of the two between which it lies.
#[track_caller]
pub fn stretch(x: &Array, axis: usize, places: &[Between]) -> Array {
    let x = x.contiguous();
    let mut y = Array::full_float(x.dtype(), 0.0, with(&x, axis, places.len()));
    let (n, inner) = (x.shape().get(axis), inner(&x, axis));
    float!(x.dtype(), T => {
        let from = x.as_slice::<T>().expect("contiguous");
        let rows = y.make_mut::<T>().chunks_exact_mut(inner.max(1));
        for (row, i) in rows.zip((0..from.len() / (n * inner).max(1)).flat_map(|i| places.iter().map(move |at| (i, at)))) {
            let (i, Between { low, high, weight }) = (i.0, *i.1);
            let [low, high] = [low, high].map(|at| &from[(i * n + at) * inner..][..inner]);
            let (near, far) = (T::from_f64(1.0 - weight), T::from_f64(weight));
            for ((y, &a), &b) in row.iter_mut().zip(low).zip(high) {
                *y = a * near + b * far;
            }
        }
    });
    y
}

/// The way back for gradients: `g` with `axis` of `n` elements, to each of which comes what it gave to those of [`stretch`].
#[track_caller]
pub fn shrink(g: &Array, axis: usize, places: &[Between], n: usize) -> Array {
    let g = g.contiguous();
    let mut x = Array::full_float(g.dtype(), 0.0, with(&g, axis, n));
    let inner = inner(&g, axis);
    float!(g.dtype(), T => {
        let from = g.as_slice::<T>().expect("contiguous");
        let blocks = x.make_mut::<T>().chunks_exact_mut((n * inner).max(1));
        for (block, rows) in blocks.zip(from.chunks_exact((places.len() * inner).max(1))) {
            for (Between { low, high, weight }, row) in places.iter().zip(rows.chunks_exact(inner.max(1))) {
                for (at, weight) in [(low, 1.0 - weight), (high, *weight)] {
                    let weight = T::from_f64(weight);
                    for (x, &g) in block[at * inner..][..inner].iter_mut().zip(row) {
                        *x += g * weight;
                    }
                }
            }
        }
    });
    x
}

/// The shape of `x` with `n` elements along an axis.
#[track_caller]
fn with(x: &Array, axis: usize, n: usize) -> Dims {
    let mut shape = *x.shape();
    shape.set(axis, n);
    // More than a tensor can have is told here.
    shape.count();
    shape
}

/// How many elements stand behind an axis.
fn inner(x: &Array, axis: usize) -> usize {
    x.shape().iter().skip(axis + 1).product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{floats, layouts, noise};

    /// `shrink` is the transpose of `stretch`: products with both are the same numbers.
    #[test]
    fn one_is_the_transpose_of_the_other() {
        let places: Vec<Between> =
            (0..7).map(|i| Between { low: i / 3, high: (i / 3 + 1).min(2), weight: i as f64 / 8.0 }).collect();
        for axis in 0..3 {
            let (mut small, mut large) = ([2, 4, 5], [2, 4, 5]);
            (small[axis], large[axis]) = (3, 7);
            for x in layouts(&small, 99.0, noise) {
                for g in layouts(&large, 99.0, |i| noise(i + 500)) {
                    let (y, back) = (stretch(&x, axis, &places), shrink(&g, axis, &places, 3));
                    let dot =
                        |a: &Array, b: &Array| -> f64 { floats(a).iter().zip(floats(b)).map(|(a, b)| a * b).sum() };
                    assert!((dot(&y, &g) - dot(&x, &back)).abs() < 1e-12);
                }
            }
        }
        let x = Array::from_slice(&[1f32, 2.0, 4.0], Dims::new(&[3]));
        assert_eq!(stretch(&x, 0, &places).to_vec::<f32>(), [1.0, 1.125, 1.25, 2.75, 3.0, 3.25, 4.0]);
    }
}
