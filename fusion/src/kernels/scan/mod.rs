//! Running sums and products along an axis: one pass over memory, in any layout, added up in `f64`.

use crate::kernels::array::Array;
use crate::kernels::array::walk::{AxisOf, Walk};
use crate::kernels::dtype::float;
use crate::kernels::simd::Float;

/// How many neighbouring lines are computed at once: their loop has no dependence from step to step, and what it reads in a step
/// lies together.
const LINES: usize = 256;

/// The sum of each element and of all before it along `axis`; of all behind it if `reverse`.
#[track_caller]
pub fn cumsum(a: &Array, axis: usize, reverse: bool) -> Array {
    float!(a.dtype(), T => scan::<T>([a, a], axis, reverse, 0.0, |sum, x, _| sum + x))
}

/// The product of each element and of all before it along `axis`.
#[track_caller]
pub fn cumprod(a: &Array, axis: usize) -> Array {
    float!(a.dtype(), T => scan::<T>([a, a], axis, false, 1.0, |product, x, _| product * x))
}

/// The logarithm of the sum of the exponentials of each element and of all before it along `axis`.
#[track_caller]
pub fn logcumsumexp(a: &Array, axis: usize) -> Array {
    // The smaller exponential relative to the larger one: neither overflows.
    let both = |y: f64, x: f64, _| {
        let (low, high) = if y < x { (y, x) } else { (x, y) };
        if high.is_infinite() && !low.is_nan() { high } else { high + (low - high).exp().ln_1p() }
    };
    float!(a.dtype(), T => scan::<T>([a, a], axis, false, f64::NEG_INFINITY, both))
}

/// `y[i] = b[i] + c[i] y[i - 1]` along `axis`, and `y[i + 1]` in its place if `reverse`; before the first it is 0.
///
/// # Panics
/// If the shapes differ.
#[track_caller]
pub fn recurrence(b: &Array, c: &Array, axis: usize, reverse: bool) -> Array {
    assert!(b.shape() == c.shape(), "a recurrence of the shapes {:?} and {:?}", b.shape(), c.shape());
    float!(b.dtype(), T => scan::<T>([b, c], axis, reverse, 0.0, |y, b, c| c * y + b))
}

#[track_caller]
fn scan<T: Float>(
    from: [&Array; 2],
    axis: usize,
    reverse: bool,
    start: f64,
    next: impl Fn(f64, f64, f64) -> f64 + Copy,
) -> Array {
    let shape = *from[0].shape();
    let strides = if from[0].is_dense() { *from[0].strides() } else { shape.row_major() };
    let others = shape.without(axis);
    let [a, b] = from.map(|x| x.strides().without(axis));
    let walk = Walk::new(&others, [&strides.without(axis), &a, &b]);
    let along =
        AxisOf { n: shape.get(axis), step: [strides, *from[0].strides(), *from[1].strides()].map(|s| s.get(axis)) };
    let (a, b) = (from[0].elements::<T>(), from[1].elements::<T>());
    // SAFETY: the walk visits each line along the axis once, and each step of a line is written: all elements.
    unsafe {
        Array::build_like::<T>(shape, strides, |out| {
            let AxisOf { n: lines, step } = walk.inner();
            let gapless = along.n > 0 && along.step == [1, 1, 1];
            for at in walk.rows() {
                // A line that lies together is computed by itself: all of it is read in one go.
                for line in 0..if gapless { lines } else { 0 } {
                    let [o, p, q] = std::array::from_fn(|k| at[k] + line * step[k]);
                    let (out, a, b) = (&mut out[o..o + along.n], &a[p..p + along.n], &b[q..q + along.n]);
                    let mut total = start;
                    for i in 0..along.n {
                        let i = if reverse { along.n - 1 - i } else { i };
                        total = next(total, a[i].to_f64(), b[i].to_f64());
                        out[i].write(T::from_f64(total));
                    }
                }
                for first in (0..if gapless { 0 } else { lines }).step_by(LINES) {
                    let at: [usize; 3] = std::array::from_fn(|k| at[k] + first * step[k]);
                    let few = LINES.min(lines - first);
                    let mut totals = [start; LINES];
                    for i in 0..along.n {
                        let i = if reverse { along.n - 1 - i } else { i };
                        let [o, p, q] = std::array::from_fn(|k| at[k] + i * along.step[k]);
                        if step == [1, 1, 1] {
                            let (out, a, b) = (&mut out[o..o + few], &a[p..p + few], &b[q..q + few]);
                            for (((total, out), &a), &b) in totals.iter_mut().zip(out).zip(a).zip(b) {
                                *total = next(*total, a.to_f64(), b.to_f64());
                                out.write(T::from_f64(*total));
                            }
                        } else {
                            for (j, total) in totals[..few].iter_mut().enumerate() {
                                let (a, b) = (a[p + j * step[1]], b[q + j * step[2]]);
                                *total = next(*total, a.to_f64(), b.to_f64());
                                out[o + j * step[0]].write(T::from_f64(*total));
                            }
                        }
                    }
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{dims, layouts, noise, shapes};

    /// Each line by itself, in C order.
    fn naive(shape: &[usize], axis: usize, reverse: bool, mut y: impl FnMut(f64, usize) -> f64) -> Vec<f64> {
        let inner: usize = shape[axis + 1..].iter().product();
        let (n, count) = (shape[axis], shape.iter().product::<usize>());
        let mut all = vec![0.0; count];
        for line in (0..count).filter(|i| (i / inner).is_multiple_of(n)) {
            let mut last = f64::NAN;
            for i in 0..n {
                let at = line + inner * if reverse { n - 1 - i } else { i };
                last = y(if i == 0 { f64::NAN } else { last }, at);
                all[at] = last;
            }
        }
        all
    }

    #[test]
    fn every_axis_and_layout() {
        let or = |last: f64, start: f64| if last.is_nan() { start } else { last };
        let c = |i: usize| noise(i + 77);
        for shape in shapes().into_iter().filter(|shape| !shape.is_empty() && shape.iter().all(|&n| n > 0)) {
            let orders = layouts(&shape, 1.0, noise);
            let second = Array::from_fn(dims(&shape), c);
            for (x, axis) in orders.iter().flat_map(|x| (0..shape.len()).map(move |axis| (x, axis))) {
                for reverse in [false, true] {
                    let want = naive(&shape, axis, reverse, |last, i| or(last, 0.0) + noise(i));
                    assert_eq!(cumsum(x, axis, reverse).to_vec::<f64>(), want, "{x:?}");
                    let want = naive(&shape, axis, reverse, |last, i| noise(i) + c(i) * or(last, 0.0));
                    assert_eq!(recurrence(x, &second, axis, reverse).to_vec::<f64>(), want, "{x:?}");
                }
                let want = naive(&shape, axis, false, |last, i| or(last, 1.0) * noise(i));
                assert_eq!(cumprod(x, axis).to_vec::<f64>(), want, "{x:?}");
            }
        }
    }

    #[test]
    fn logarithms_of_sums() {
        const INF: f64 = f64::INFINITY;
        let of = |list: &[f64]| logcumsumexp(&Array::from_slice(list, dims(&[list.len()])), 0).to_vec::<f64>();
        let (two, three) = (2f64.ln(), 3f64.ln());
        assert_eq!(of(&[1e4, 1e4, -1e4]), [1e4, 1e4 + two, 1e4 + two]);
        assert_eq!(of(&[-1e4, -1e4, -1e4])[..2], [-1e4, -1e4 + two]);
        assert!((of(&[0.0, 0.0, 0.0])[2] - three).abs() < 1e-15);
        assert_eq!(of(&[-INF, -INF, 2.0, INF, -INF]), [-INF, -INF, 2.0, INF, INF]);
        let nan = of(&[0.0, f64::NAN, INF]);
        assert!(nan[0] == 0.0 && nan[1].is_nan() && nan[2].is_nan());
        for axis in 0..3 {
            for x in layouts(&[2, 3, 4], 1.0, noise) {
                let sums: Vec<f64> =
                    cumsum(&Array::from_fn(dims(&[2, 3, 4]), |i| noise(i).exp()), axis, false).to_vec();
                for (found, sum) in logcumsumexp(&x, axis).to_vec::<f64>().iter().zip(sums) {
                    assert!((found - sum.ln()).abs() < 1e-14);
                }
            }
        }
    }

    #[test]
    fn nothing_and_long_lines() {
        assert_eq!(cumsum(&Array::full(1f32, dims(&[3, 0, 2])), 1, false).count(), 0);
        // In `f32` the sum would stay at 2^24.
        let long = cumsum(&Array::full(1f32, dims(&[(1 << 24) + 3])), 0, false);
        assert_eq!(long.get::<f32>(&[(1 << 24) + 2]), Some(((1 << 24) + 3) as f32));
    }
}
