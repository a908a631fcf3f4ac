//! Sums over pairs of elements in one pass: binary cross-entropy of logits, squared error.

use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::array::layout::Dims;
use crate::kernels::elementwise::{Elementwise, functions};
use crate::kernels::parallel::{self, Across, ELEMENTS, LINE};
use crate::kernels::reduce::block;
use crate::kernels::simd::{Float, Mask, Routine, Table, Total, Vector};
use std::marker::PhantomData;
use std::ops::Range;

functions! {
    /// `-y ln(x) - (1 - y) ln(1 - x)` of probabilities `x`; no logarithm is below -100.
    binary_cross_entropy(x, y) = {
        let (lowest, one) = (x.number(-100.0), x.number(1.0));
        (y - one) * lowest.simd_max((-x).ln_1p()) - y * lowest.simd_max(x.ln())
    };
    /// The gradient of [`bce_with_logits`] times `scale`: `(sigmoid(x) - y) * scale`.
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

/// The sum of `-y log sigmoid(x) - (1 - y) log(1 - sigmoid(x))` times `share`, stable for any finite `x`; 0-d.
#[track_caller]
pub fn bce_with_logits(x: &Array, y: &Array, share: f64) -> Array {
    static SUM: Table<Pairs, f64> = Table::of::<SumOf<Bce>>();
    sum(x, y, &SUM, share)
}

struct SquaredError;

impl Elementwise<2, 0> for SquaredError {
    #[inline(always)]
    fn map<V: Vector>([x, y]: [V; 2], []: [V; 0]) -> [V; 1] {
        [(x - y) * (x - y)]
    }
}

/// The sum of `(x - y)^2` times `share`; 0-d.
#[track_caller]
pub fn squared_error(x: &Array, y: &Array, share: f64) -> Array {
    static SUM: Table<Pairs, f64> = Table::of::<SumOf<SquaredError>>();
    sum(x, y, &SUM, share)
}

/// The sum over pairs of elements of one shape, which `sum` takes, times `share`.
#[track_caller]
fn sum(x: &Array, y: &Array, sum: &Table<Pairs, f64>, share: f64) -> Array {
    assert_eq!(x.shape(), y.shape());
    assert_eq!(x.dtype(), y.dtype());
    let x = if x.is_dense() { x.clone() } else { x.dense_copy() };
    let y = if y.strides() == x.strides() { y.clone() } else { copy(y, *x.strides()) };
    let (code, size) = (sum.best(x.dtype()), x.dtype().size());
    // SAFETY: nobody writes.
    let starts = unsafe { Across::new([x.start(), y.start()]) };
    let part = |range: Range<usize>| {
        let [x, y] = starts.get().map(|start| start.wrapping_add(range.start * size));
        // SAFETY: both are dense and of one shape and type, that of the code, and the range is one of their elements.
        unsafe { code(&Pairs { x, y, n: range.len() }) }
    };
    let total = parallel::fold(x.count(), LINE, ELEMENTS, part, |a, b| a + b);
    Array::full_float(x.dtype(), total * share, Dims::default())
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

    #[test]
    fn sums_over_pairs() {
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
                close(floats(&bce_with_logits(&x, &y, 1.0 / n as f64))[0], mean(&bce), tolerance);
                close(floats(&squared_error(&x, &y, 1.0 / n as f64))[0], mean(&|x, y| (x - y) * (x - y)), tolerance);
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
        assert!((floats(&bce_with_logits(&x, &y, 1.0 / 3.0))[0] / want - 1.0).abs() < 1e-6);
        let edge = Array::from_slice(&[f32::MAX, f32::MIN], dims(&[2]));
        let y = Array::from_slice(&[1f32, 0.0], dims(&[2]));
        assert_eq!(floats(&bce_with_logits(&edge, &y, 1.0)), [0.0]);
    }
}
