//! Losses and their gradients in one pass each: cross-entropy of class logits, binary cross-entropy of logits, squared
//! error. Means over all elements; `NaN` of none, as in PyTorch.

use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::array::layout::Dims;
use crate::kernels::dtype::float;
use crate::kernels::elementwise::{Elementwise, functions};
use crate::kernels::reduce::block;
use crate::kernels::reduce::short::{self, SHORT};
use crate::kernels::simd::{Float, Kernel, MAX_LANES, Mask, Routine, Table, Total, Vector, dispatch};
use crate::kernels::softmax::{LogSoftmax, Softmax, lines_sum, row, row_sum, short_rows};
use std::marker::PhantomData;

/// Is every label below `classes`? If not, the index of the first that is not, and its value.
pub fn check_labels(labels: &Array, classes: usize) -> Result<(), (usize, i64)> {
    let (labels, step) = label_steps(labels);
    // Of a stretched label one is there for all.
    let mut labels = labels.iter().step_by(step.max(1)).enumerate();
    match labels.find(|&(_, &label)| label < 0 || label as u64 >= classes as u64) {
        None => Ok(()),
        Some((index, &label)) => Err((index, label)),
    }
}

/// The labels' memory and how far apart they lie in it.
fn label_steps(labels: &Array) -> (&[i64], usize) {
    assert_eq!(labels.shape().rank(), 1, "labels have one axis");
    (labels.elements(), labels.strides().get(0))
}

/// The mean over rows of `-log softmax(x)[label]`: `x` is `[n, c]`, `labels` `[n]`, the result 0-d. Panics if a label is no
/// class.
#[track_caller]
pub fn cross_entropy(x: &Array, labels: &Array) -> Array {
    float!(x.dtype(), T => {
        let x = x.contiguous();
        let rows = Rows::<T>::new(&x, labels);
        Array::full(T::from_f64(dispatch(CrossEntropy(rows)) / rows.n as f64), Dims::default())
    })
}

/// The gradient of [`cross_entropy`] times `scale * n`: `(softmax(x) - one_hot(labels)) * scale`, `[n, c]`.
#[track_caller]
pub fn cross_entropy_grad(x: &Array, labels: &Array, scale: f64) -> Array {
    float!(x.dtype(), T => {
        let x = x.contiguous();
        let rows = Rows::<T>::new(&x, labels);
        // SAFETY: the loop writes all rows.
        unsafe {
            Array::build::<T>(*x.shape(), |out| {
                dispatch(CrossEntropyGrad { rows, scale: T::from_f64(scale), out: out.as_mut_ptr().cast() });
            })
        }
    })
}

/// Contiguous rows of `c` logits with a label each.
#[derive(Clone, Copy)]
struct Rows<'a, T> {
    x: *const T,
    labels: &'a [i64],
    step: usize,
    n: usize,
    c: usize,
}

impl<'a, T: Float> Rows<'a, T> {
    fn new(x: &'a Array, labels: &'a Array) -> Self {
        assert!(
            x.shape().rank() == 2,
            "scores have a row for each sample and a column for each class, not {:?}",
            x.shape()
        );
        let (n, c) = (x.shape().get(0), x.shape().get(1));
        assert_eq!(labels.count(), n, "a label for each row");
        let (labels, step) = label_steps(labels);
        Self { x: x.as_slice::<T>().expect("contiguous rows").as_ptr(), labels, step, n, c }
    }

    #[inline(always)]
    fn label(&self, i: usize) -> usize {
        let label = self.labels[i * self.step];
        assert!((label as u64) < self.c as u64, "label {label} of {} classes", self.c);
        label as usize
    }
}

struct CrossEntropy<'a, T>(Rows<'a, T>);

impl<T: Float> Kernel<T> for CrossEntropy<'_, T> {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) -> f64 {
        let rows = self.0;
        let Rows { x, n, c, .. } = rows;
        let mut total = Total::default();
        if c > SHORT {
            for i in 0..n {
                // SAFETY: `n` rows of `c` elements, and the label is below `c`. Nothing is stored.
                unsafe {
                    let x = x.add(i * c);
                    let (max, sum) = row_sum::<V, _>(std::ptr::null_mut(), x, x, c, LogSoftmax);
                    total.add((sum.ln() - (max.splat_like(*x.add(rows.label(i))) - max)).lane_0().to_f64());
                }
            }
            return total.get();
        }
        let mut scratch = short::scratch();
        for i in (0..n).step_by(V::LANES) {
            let count = V::LANES.min(n - i);
            // SAFETY: `count` rows of `c` elements from row `i` on, for which the scratch has room: `c` vectors, a lane for
            // each row. Each label is below `c`.
            unsafe {
                short::gather::<V>(&mut scratch, x.add(i * c), c, count);
                let p = scratch.as_mut_ptr();
                let (max, sum) = lines_sum::<V, _, true>(p, p, p, c, V::LANES, V::tail(V::LANES), LogSoftmax);
                let mut hit = [T::ZERO; MAX_LANES];
                for (row, hit) in hit[..count].iter_mut().enumerate() {
                    *hit = *x.add((i + row) * c + rows.label(i + row));
                }
                let loss = sum.ln() - (V::load(hit.as_ptr()) - max);
                total.add(V::total(loss.first_n(count).select(loss, V::zero()).add_to(V::sums())));
            }
        }
        total.get()
    }
}

struct CrossEntropyGrad<'a, T> {
    rows: Rows<'a, T>,
    scale: T,
    out: *mut T,
}

impl<T: Float> Kernel<T> for CrossEntropyGrad<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { rows, scale, out } = self;
        let Rows { x, n, c, .. } = rows;
        if c <= SHORT {
            // SAFETY: operand and result have `n` rows of `c` elements, at most `SHORT`.
            unsafe { short_rows::<V, _>(out, x, x, n, c, Softmax(scale)) };
        } else {
            for i in 0..n {
                // SAFETY: row `i` of operand and result is `c` elements from `i * c` on.
                unsafe { row::<V, _>(out.add(i * c), x.add(i * c), x.add(i * c), c, Softmax(scale)) };
            }
        }
        for i in 0..n {
            // SAFETY: row `i` of the result is `c` elements from `i * c` on, all written, and the label is below `c`.
            unsafe {
                let at = out.add(i * c + rows.label(i));
                *at = *at - scale;
            }
        }
    }
}

functions! {
    /// The gradient of [`bce_with_logits`] times `scale` and the number of elements: `(sigmoid(x) - y) * scale`.
    bce_with_logits_grad(x, y; scale) = (x.sigmoid() - y) * scale;
}

struct Bce;

impl Elementwise<2, 0> for Bce {
    #[inline(always)]
    fn map<V: Vector>([x, y]: [V; 2], []: [V; 0]) -> [V; 1] {
        let zero = x.number(0.0);
        let positive = x.simd_lt(zero).select(zero, x);
        [(positive - x * y) + (-x.abs()).exp().ln_1p_unit()]
    }
}

/// The mean of `-y log sigmoid(x) - (1 - y) log(1 - sigmoid(x))`, stable for any finite `x`; 0-d.
#[track_caller]
pub fn bce_with_logits(x: &Array, y: &Array) -> Array {
    static SUM: Table<Pairs, f64> = Table::of::<SumOf<Bce>>();
    mean(x, y, &SUM)
}

struct SquaredError;

impl Elementwise<2, 0> for SquaredError {
    #[inline(always)]
    fn map<V: Vector>([x, y]: [V; 2], []: [V; 0]) -> [V; 1] {
        [(x - y) * (x - y)]
    }
}

/// The mean of `(x - y)^2`; 0-d.
#[track_caller]
pub fn mse(x: &Array, y: &Array) -> Array {
    static SUM: Table<Pairs, f64> = Table::of::<SumOf<SquaredError>>();
    mean(x, y, &SUM)
}

/// The mean over pairs of elements of one shape, of whose function `sum` takes the sum.
#[track_caller]
fn mean(x: &Array, y: &Array, sum: &Table<Pairs, f64>) -> Array {
    assert_eq!(x.shape(), y.shape());
    assert_eq!(x.dtype(), y.dtype());
    let x = if x.is_dense() { x.clone() } else { x.dense_copy() };
    let y = if y.strides() == x.strides() { y.clone() } else { copy(y, *x.strides()) };
    let pairs = Pairs { x: x.start(), y: y.start(), n: x.count() };
    // SAFETY: both are dense and of one shape and type, that of the code.
    let total = unsafe { sum.best(x.dtype())(&pairs) };
    Array::full_float(x.dtype(), total / pairs.n as f64, Dims::default())
}

/// Two times `n` contiguous elements.
struct Pairs {
    x: *const u8,
    y: *const u8,
    n: usize,
}

/// The sum of `F` over pairs of elements.
struct SumOf<F>(PhantomData<F>);

impl<T: Float, F: Elementwise<2, 0>> Routine<T> for SumOf<F> {
    type Args = Pairs;
    type Output = f64;

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(pairs: &Pairs) -> f64 {
        let (x, y, n) = (pairs.x.cast::<T>(), pairs.y.cast::<T>(), pairs.n);
        let mut total = Total::default();
        let mut at = 0;
        // SAFETY: both hold `n` elements; the mask covers what is left. The machine has the instructions, as the caller
        // promises.
        unsafe {
            while at + V::LANES <= n {
                let end = n.min(at + 2 * block::<V>() * V::LANES);
                let mut sums = [V::sums(); 2];
                while at + 2 * V::LANES <= end {
                    for u in 0..2 {
                        let at = at + u * V::LANES;
                        sums[u] = F::map([V::load(x.add(at)), V::load(y.add(at))], [])[0].add_to(sums[u]);
                    }
                    at += 2 * V::LANES;
                }
                if at + V::LANES <= end {
                    sums[0] = F::map([V::load(x.add(at)), V::load(y.add(at))], [])[0].add_to(sums[0]);
                    at += V::LANES;
                }
                total.add(V::total(V::join(sums[0], sums[1])));
            }
            if at < n {
                let tail = V::tail(n - at);
                let [term] = F::map([V::load_tail(x.add(at), tail), V::load_tail(y.add(at), tail)], []);
                total.add(V::total(term.first_n(n - at).select(term, V::zero()).add_to(V::sums())));
            }
        }
        total.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::DType;
    use crate::kernels::array::copy::cast;
    use crate::kernels::testing::{close, dims, floats, layouts, noise, shapes};

    fn label(i: usize, c: usize) -> i64 {
        ((i * 7 + 3) % c) as i64
    }

    #[test]
    fn cross_entropy_by_the_definition() {
        for (n, c) in [(1, 1), (1, 2), (64, 10), (5, 16), (9, 17), (33, 100), (3, 1000)] {
            let labels = layouts(&[n], -1, |i| label(i, c));
            let singles = layouts(&[n, c], f32::NAN, |i| 20.0 * noise(i) as f32);
            let doubles = layouts(&[n, c], f64::NAN, |i| 20.0 * noise(i));
            for (k, x) in singles.iter().chain(&doubles).enumerate() {
                let labels = &labels[k % labels.len()];
                let tolerance = if x.dtype() == DType::F32 { 3e-6 } else { 1e-13 };
                let (mut loss, mut grad) = (0.0, vec![]);
                for (i, row) in floats(x).chunks(c).enumerate() {
                    let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let sum: f64 = row.iter().map(|x| (x - max).exp()).sum();
                    let hit = label(i, c) as usize;
                    loss += sum.ln() + max - row[hit];
                    grad.extend((0..c).map(|j| ((row[j] - max).exp() / sum - f64::from(u8::from(j == hit))) * 0.25));
                }
                let got = cross_entropy(x, labels);
                assert_eq!(got.shape().rank(), 0);
                close(floats(&got)[0], loss / n as f64, tolerance);
                let got = cross_entropy_grad(x, labels, 0.25);
                assert_eq!(got.shape(), x.shape());
                for (got, want) in floats(&got).into_iter().zip(grad) {
                    close(got, want, tolerance);
                }
            }
        }
        let none = cross_entropy(&Array::full(0f32, dims(&[0, 3])), &Array::full(0i64, dims(&[0])));
        assert!(floats(&none)[0].is_nan());
    }

    #[test]
    fn cross_entropy_of_extremes() {
        let x = Array::from_slice(&[f32::MAX, f32::MIN, 0.0, 1000.0, 0.0, 0.0], dims(&[2, 3]));
        let right = Array::from_slice(&[0i64, 0], dims(&[2]));
        assert_eq!(floats(&cross_entropy(&x, &right)), [0.0]);
        let wrong = Array::from_slice(&[2i64, 1], dims(&[2]));
        close(floats(&cross_entropy(&x, &wrong))[0], f64::from(f32::MAX) / 2.0 + 500.0, 1e-7);
        assert_eq!(floats(&cross_entropy_grad(&x, &wrong, 1.0)), [1.0, 0.0, -1.0, 1.0, -1.0, 0.0]);
    }

    #[test]
    fn labels_are_checked() {
        for labels in layouts(&[6], -5, |i| [0i64, 1, 2, 9, -1, 3][i]) {
            assert_eq!(check_labels(&labels, 4), Err((3, 9)));
            assert_eq!(check_labels(&labels, 10), Err((4, -1)));
        }
        assert_eq!(check_labels(&Array::full(0i64, dims(&[0])), 0), Ok(()));
        assert_eq!(check_labels(&Array::full(2i64, dims(&[1])).expand(&dims(&[5])), 3), Ok(()));
        let x = Array::full(0f32, dims(&[1, 3]));
        for bad in [-1, 3, i64::MIN] {
            let labels = Array::full(bad, dims(&[1]));
            assert!(std::panic::catch_unwind(|| cross_entropy(&x, &labels)).is_err());
            assert!(std::panic::catch_unwind(|| cross_entropy_grad(&x, &labels, 1.0)).is_err());
        }
        let one = Array::full(0i64, dims(&[1]));
        let cube = Array::full(0f32, dims(&[1, 2, 3]));
        assert!(std::panic::catch_unwind(|| cross_entropy_grad(&cube, &one, 1.0)).is_err());
    }

    #[test]
    fn a_stretched_label_counts_for_all() {
        let x = Array::from_fn(dims(&[5, 3]), |i| noise(i) as f32);
        let (one, all) = (Array::full(2i64, dims(&[1])).expand(&dims(&[5])), Array::full(2i64, dims(&[5])));
        assert_eq!(floats(&cross_entropy(&x, &one)), floats(&cross_entropy(&x, &all)));
        assert_eq!(floats(&cross_entropy_grad(&x, &one, 1.0)), floats(&cross_entropy_grad(&x, &all, 1.0)));
    }

    #[test]
    fn means_over_pairs() {
        let bce = |x: f64, y: f64| x.max(0.0) - x * y + (-x.abs()).exp().ln_1p();
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        for shape in shapes() {
            let n = dims(&shape).count();
            let xs = layouts(&shape, f32::NAN, |i| 9.0 * noise(i) as f32);
            let ys = layouts(&shape, f32::NAN, |i| (0.5 + 0.5 * noise(i + 99)) as f32);
            for (k, (x, y)) in xs.iter().flat_map(|x| ys.iter().map(move |y| (x, y))).enumerate() {
                let (x, y, tolerance) = match k % 2 {
                    0 => (x.clone(), y.clone(), 2e-6),
                    _ => (cast(x, DType::F64), cast(y, DType::F64), 1e-13),
                };
                let pairs: Vec<(f64, f64)> = floats(&x).into_iter().zip(floats(&y)).collect();
                let mean = |f: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|&(x, y)| f(x, y)).sum::<f64>() / n as f64;
                close(floats(&bce_with_logits(&x, &y))[0], mean(&bce), tolerance);
                close(floats(&mse(&x, &y))[0], mean(&|x, y| (x - y) * (x - y)), tolerance);
                let grad = floats(&bce_with_logits_grad(x.clone(), &y, 0.5));
                for (got, &(x, y)) in grad.into_iter().zip(&pairs) {
                    close(got, 0.5 * (sigmoid(x) - y), tolerance);
                }
            }
        }
    }

    #[test]
    fn a_sure_and_right_guess_costs_its_tiny_share() {
        let x = Array::from_slice(&[30f32, -30.0, 80.0], dims(&[3]));
        let y = Array::from_slice(&[1f32, 0.0, 1.0], dims(&[3]));
        let want = (2.0 * (-30f64).exp() + (-80f64).exp()) / 3.0;
        assert!((floats(&bce_with_logits(&x, &y))[0] / want - 1.0).abs() < 1e-6);
        let edge = Array::from_slice(&[f32::MAX, f32::MIN], dims(&[2]));
        let y = Array::from_slice(&[1f32, 0.0], dims(&[2]));
        assert_eq!(floats(&bce_with_logits(&edge, &y)), [0.0]);
    }
}
