//! Losses of classes. Labels are checked once and made clean: what is to be ignored is -1 then, and other labels are classes.

use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use crate::kernels::dtype::float;
use crate::kernels::parallel::{self, Across, EXPONENTIALS};
use crate::kernels::reduce::short::{self, SHORT};
use crate::kernels::simd::{Float, Kernel, MAX_LANES, Mask, Total, Vector, dispatch};
use crate::kernels::softmax::{LogSoftmax, Softmax, lines_sum, row_sum};
use std::mem::MaybeUninit;
use std::ops::Range;

/// The labels (`i64`) in C order, with -1 for `ignored` ones, and how many are to be ignored. If a label is neither that nor
/// one of `classes`, the index in C order of the first such, and its value.
#[track_caller]
pub fn check_labels(labels: &Array, classes: usize, ignored: Option<i64>) -> Result<(Array, usize), (usize, i64)> {
    let labels = labels.contiguous();
    let all = labels.dense::<i64>().expect("contiguous");
    let mut skipped = 0;
    for (index, &label) in all.iter().enumerate() {
        if Some(label) == ignored {
            skipped += 1;
        } else if label < 0 || label as u64 >= classes as u64 {
            return Err((index, label));
        }
    }
    if skipped == 0 {
        return Ok((labels, 0));
    }
    let clean = |i: usize| if Some(all[i]) == ignored { -1 } else { all[i] };
    Ok((Array::from_fn(*labels.shape(), clean), skipped))
}

/// The weight of each clean label, 0 where it is ignored: of `weights` for each class, or 1; of their type.
#[track_caller]
pub fn label_weights(labels: &Array, weights: &Array) -> Array {
    let (labels, weights) = (labels.contiguous(), weights.contiguous());
    let of = labels.dense::<i64>().expect("contiguous");
    float!(weights.dtype(), T => {
        let weights = weights.dense::<T>().expect("contiguous");
        let one = weights.len() == 1;
        Array::from_fn(*labels.shape(), |i| match usize::try_from(of[i]) {
            Ok(label) => weights[if one { 0 } else { label }],
            Err(_) => T::ZERO,
        })
    })
}

/// The sizes of scores `[samples, classes, ..]` as three: those of the axes behind the classes are one.
#[track_caller]
fn three(scores: &Dims) -> [usize; 3] {
    assert!(scores.rank() >= 2, "scores have samples and classes, not {scores:?}");
    [scores.get(0), scores.get(1), scores.iter().skip(2).product()]
}

/// Of `x`, `[samples, classes, ..]`, the element at each clean label, `[samples, ..]`; 0 where it is ignored.
#[track_caller]
pub fn pick(x: &Array, labels: &Array) -> Array {
    let (x, labels) = (x.contiguous(), labels.contiguous());
    let [n, classes, inner] = three(x.shape());
    let of = labels.dense::<i64>().expect("contiguous");
    assert!(*labels.shape() == x.shape().without(1) && of.len() == n * inner, "a label for each sample");
    float!(x.dtype(), T => {
        let x = x.dense::<T>().expect("contiguous");
        Array::from_fn(*labels.shape(), |i| match usize::try_from(of[i]) {
            Ok(label) => x[(i / inner * classes + label) * inner + i % inner],
            Err(_) => T::ZERO,
        })
    })
}

/// The way back from [`pick`]: zeros, and each element of `g` at its label among `classes`.
#[track_caller]
pub fn put(g: &Array, labels: &Array, classes: usize) -> Array {
    let (g, labels) = (g.contiguous(), labels.contiguous());
    let shape = g.shape().with(1, classes);
    let [_, _, inner] = three(&shape);
    let of = labels.dense::<i64>().expect("contiguous");
    assert!(labels.shape() == g.shape(), "a label for each element");
    float!(g.dtype(), T => {
        let g = g.dense::<T>().expect("contiguous");
        // SAFETY: every element is filled before any is written again.
        unsafe {
            Array::build::<T>(shape, |out| {
                out.fill(MaybeUninit::new(T::ZERO));
                for (i, &g) in g.iter().enumerate() {
                    if let Ok(label) = usize::try_from(of[i]) {
                        assert!(label < classes, "label {label} of {classes} classes");
                        out[(i / inner * classes + label) * inner + i % inner].write(g);
                    }
                }
            })
        }
    })
}

/// The losses of rows, `-log softmax(x)[label]`, each times its factor: `x` is `[n, c]`, and `labels` `[n]`, clean, as
/// `factors` `[n]`, of the type of `x`, says: where that is 0 the row counts for nothing, whatever it holds. They are summed,
/// times `scale`, or stay a list of `[n]` if `each`.
///
/// If `gradient`, that of the sum comes as well, `[n, c]`: `(softmax(x) - one_hot(labels)) * factor * scale`. It costs a pass
/// over memory, and no exponential.
#[track_caller]
pub fn cross_entropy(
    x: &Array,
    labels: &Array,
    factors: Option<&Array>,
    scale: f64,
    each: bool,
    gradient: bool,
) -> (Array, Option<Array>) {
    float!(x.dtype(), T => {
        let (x, labels) = (x.contiguous(), labels.contiguous());
        let factors = factors.map(Array::contiguous);
        let [n, c, inner] = three(x.shape());
        let list = labels.dense::<i64>().expect("contiguous");
        assert!(inner == 1 && x.shape().rank() == 2 && list.len() == n, "a label for each row");
        let factors = factors.as_ref().map(|factors| factors.dense::<T>().expect("contiguous"));
        assert!(factors.is_none_or(|factors| factors.len() == n), "a factor for each row");
        let source = x.as_slice::<T>().expect("contiguous");
        let mut total = 0.0;
        let mut run = |each: *mut T| {
            let rows = Rows { x: source.as_ptr(), labels: list, factors, n, c, each, scale: T::from_f64(scale) };
            if !gradient {
                total = rows.sum::<false>(std::ptr::null_mut());
                return None;
            }
            // SAFETY: the loop writes all rows.
            Some(unsafe { Array::build::<T>(*x.shape(), |out| total = rows.sum::<true>(out.as_mut_ptr().cast())) })
        };
        if !each {
            let gradient = run(std::ptr::null_mut());
            return (Array::full(T::from_f64(total * scale), Dims::default()), gradient);
        }
        let mut gradient = None;
        // SAFETY: the loop writes the loss of each row.
        let losses = unsafe {
            Array::build::<T>(Dims::new(&[n]), |out| gradient = run(out.as_mut_ptr().cast()))
        };
        (losses, gradient)
    })
}

/// Contiguous rows of `c` scores, with a clean label and a factor each.
#[derive(Clone, Copy)]
struct Rows<'a, T> {
    x: *const T,
    labels: &'a [i64],
    factors: Option<&'a [T]>,
    n: usize,
    c: usize,
    /// Where the loss of each row goes, unless it is null.
    each: *mut T,
    /// By what gradients are multiplied.
    scale: T,
}

impl<T: Float> Rows<'_, T> {
    /// The sum of the losses, and the gradient if `GRADIENT`; threads share the rows, a vector of them at a time.
    fn sum<const GRADIENT: bool>(self, gradient: *mut T) -> f64 {
        // SAFETY: each range is of rows of its own.
        let all = unsafe { Across::new((self, gradient)) };
        let part = |range: Range<usize>| {
            let (rows, gradient) = *all.get();
            let at = range.start * rows.c;
            let each = if rows.each.is_null() { rows.each } else { rows.each.wrapping_add(range.start) };
            let gradient = if GRADIENT { gradient.wrapping_add(at) } else { gradient };
            let (x, n) = (rows.x.wrapping_add(at), range.len());
            let factors = rows.factors.map(|factors| &factors[range.clone()]);
            let rows = Rows { x, labels: &rows.labels[range], factors, n, each, ..rows };
            dispatch(CrossEntropy::<T, GRADIENT> { rows, gradient })
        };
        parallel::fold(self.n, MAX_LANES, EXPONENTIALS.div_ceil(self.c.max(1)), part, |a, b| a + b)
    }

    /// The label and the factor of row `i`, unless it counts for nothing.
    #[inline(always)]
    fn label(&self, i: usize) -> Option<(usize, T)> {
        let factor = self.factors.map_or(T::ONE, |factors| factors[i]);
        if factor == T::ZERO {
            return None;
        }
        let label = self.labels[i];
        assert!((label as u64) < self.c as u64, "label {label} of {} classes", self.c);
        Some((label as usize, factor))
    }

    /// The loss of row `i`, which may be kept.
    ///
    /// # Safety
    /// There must be such a row.
    #[inline(always)]
    unsafe fn loss(&self, i: usize, loss: T) -> f64 {
        if !self.each.is_null() {
            // SAFETY: there is room for the loss of each row, as the caller promises.
            unsafe { *self.each.add(i) = loss };
        }
        loss.to_f64()
    }
}

/// The sum of the losses, and the gradient if `GRADIENT`.
struct CrossEntropy<'a, T, const GRADIENT: bool> {
    rows: Rows<'a, T>,
    gradient: *mut T,
}

impl<T: Float, const GRADIENT: bool> Kernel<T> for CrossEntropy<'_, T, GRADIENT> {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) -> f64 {
        let Self { rows, gradient } = self;
        let Rows { x, n, c, scale, .. } = rows;
        let mut total = Total::default();
        if c > SHORT {
            for i in 0..n {
                // SAFETY: there are `n` rows of `c` elements, and if there is a gradient it has as many; the label is below
                // `c`.
                unsafe {
                    let (x, out) = (x.add(i * c), if GRADIENT { gradient.add(i * c) } else { gradient });
                    let Some((label, factor)) = rows.label(i) else {
                        rows.loss(i, T::ZERO);
                        if GRADIENT {
                            out.write_bytes(0, c);
                        }
                        continue;
                    };
                    let (max, sum) = if GRADIENT {
                        row_sum::<V, _>(out, x, x, c, Softmax)
                    } else {
                        row_sum::<V, _>(out, x, x, c, LogSoftmax)
                    };
                    let loss = (sum.ln() - (max.splat_like(*x.add(label)) - max)).lane_0();
                    total.add(rows.loss(i, loss * factor));
                    if GRADIENT {
                        let scale = factor * scale;
                        times::<V>(out, c, sum.splat_like(scale) / sum);
                        *out.add(label) = *out.add(label) - scale;
                    }
                }
            }
            return total.get();
        }
        let mut scratch = short::scratch();
        for i in (0..n).step_by(V::LANES) {
            let count = V::LANES.min(n - i);
            let (mut hit, mut scales) = ([T::ZERO; MAX_LANES], [T::ZERO; MAX_LANES]);
            let mut labels = [None; MAX_LANES];
            // SAFETY: `count` rows of `c` elements from row `i` on, for which the scratch has room: `c` vectors, a lane for
            // each row. Each label is below `c`, and if there is a gradient it has as many rows.
            unsafe {
                short::gather::<V>(&mut scratch, x.add(i * c), c, count);
                let p = scratch.as_mut_ptr();
                let tail = V::tail(V::LANES);
                let (max, sum) = if GRADIENT {
                    lines_sum::<V, _, true>(p, p, p, c, V::LANES, tail, Softmax)
                } else {
                    lines_sum::<V, _, true>(p, p, p, c, V::LANES, tail, LogSoftmax)
                };
                for row in 0..count {
                    labels[row] = rows.label(i + row);
                    if let Some((label, factor)) = labels[row] {
                        hit[row] = *x.add((i + row) * c + label);
                        scales[row] = factor;
                    }
                }
                let factors = V::load(scales.as_ptr());
                let counts = factors.simd_eq(V::zero()).not();
                let loss = (sum.ln() - (V::load(hit.as_ptr()) - max)) * factors;
                let loss = counts.select(loss, V::zero());
                if !rows.each.is_null() {
                    loss.store(hit.as_mut_ptr());
                    for row in 0..count {
                        rows.loss(i + row, hit[row]);
                    }
                }
                total.add(V::total(loss.add_to(V::sums())));
                if GRADIENT {
                    let scales = factors * V::splat(scale);
                    let k = counts.select(scales / sum, V::zero());
                    for j in 0..c {
                        let at = p.add(j * V::LANES);
                        let y = V::load(at) * k;
                        counts.select(y, V::zero()).store(at);
                    }
                    short::scatter::<V>(gradient.add(i * c), p, c, count, (n - i - count) * c);
                }
            }
            if !GRADIENT {
                continue;
            }
            for (row, label) in labels.iter().enumerate().take(count) {
                if let Some((label, factor)) = *label {
                    // SAFETY: row `i + row` of the gradient is written, and the label is below `c`. What is written of later
                    // rows in advance lies behind it.
                    unsafe {
                        let at = gradient.add((i + row) * c + label);
                        *at = *at - factor * scale;
                    }
                }
            }
        }
        total.get()
    }
}

/// Multiplies `n` elements by `k`.
///
/// # Safety
/// They must be valid, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn times<V: Vector>(out: *mut V::Elem, n: usize, k: V) {
    let mut at = 0;
    // SAFETY: the caller's promise; the mask covers what is left.
    unsafe {
        while at + V::LANES <= n {
            (V::load(out.add(at)) * k).store(out.add(at));
            at += V::LANES;
        }
        if at < n {
            let tail = V::tail(n - at);
            (V::load_tail(out.add(at), tail) * k).store_tail(out.add(at), tail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::DType;
    use crate::kernels::testing::{close, dims, floats, layouts, noise};

    fn label(i: usize, c: usize) -> i64 {
        ((i * 7 + 3) % c) as i64
    }

    /// Rows with a factor of 0 count for nothing, whatever they hold and whatever their label is.
    fn factor(i: usize) -> f64 {
        [1.0, 0.5, 0.0, 2.0][i % 4]
    }

    #[test]
    fn cross_entropy_by_the_definition() {
        for (n, c) in [(1, 1), (1, 2), (64, 10), (5, 16), (9, 17), (33, 100), (5, 1000)] {
            let singles = layouts(&[n, c], f32::NAN, |i| 20.0 * noise(i) as f32);
            let doubles = layouts(&[n, c], f64::NAN, |i| 20.0 * noise(i));
            for (k, x) in singles.iter().chain(&doubles).enumerate() {
                let weighted = k % 3 == 1;
                let weight = |i: usize| if weighted { factor(i) } else { 1.0 };
                let labels = layouts(&[n], -1, |i| if weight(i) == 0.0 { -1 } else { label(i, c) });
                let labels = &labels[k % labels.len()];
                let factors = Array::from_fn(dims(&[n]), weight);
                let factors = weighted.then(|| crate::kernels::elementwise::cast(&factors, x.dtype()));
                let tolerance = if x.dtype() == DType::F32 { 3e-6 } else { 1e-13 };
                let (mut losses, mut grad) = (vec![], vec![]);
                for (i, row) in floats(x).chunks(c).enumerate() {
                    let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let sum: f64 = row.iter().map(|x| (x - max).exp()).sum();
                    let hit = label(i, c) as usize;
                    losses.push(weight(i) * (sum.ln() + max - row[hit]));
                    let one = |j: usize| f64::from(u8::from(j == hit));
                    grad.extend((0..c).map(|j| weight(i) * ((row[j] - max).exp() / sum - one(j)) * 0.25));
                }
                for each in [false, true] {
                    let (got, no) = cross_entropy(x, labels, factors.as_ref(), 0.25, each, false);
                    assert!(no.is_none());
                    let (same, gradient) = cross_entropy(x, labels, factors.as_ref(), 0.25, each, true);
                    let gradient = gradient.expect("asked for");
                    let want = if each { losses.clone() } else { vec![losses.iter().sum::<f64>() * 0.25] };
                    for got in [got, same] {
                        assert_eq!(got.shape().rank(), usize::from(each));
                        for (got, want) in floats(&got).into_iter().zip(&want) {
                            close(got, *want, tolerance);
                        }
                    }
                    assert_eq!(gradient.shape(), x.shape());
                    for (got, want) in floats(&gradient).into_iter().zip(&grad) {
                        close(got, *want, tolerance);
                    }
                }
            }
        }
        let nothing = [Array::full(0f32, dims(&[0, 3])), Array::full(0i64, dims(&[0]))];
        let (loss, gradient) = cross_entropy(&nothing[0], &nothing[1], None, f64::INFINITY, false, true);
        assert!(floats(&loss)[0].is_nan() && gradient.unwrap().count() == 0);
    }

    #[test]
    fn cross_entropy_of_extremes() {
        let of = |x: &Array, labels: &Array| {
            let (loss, gradient) = cross_entropy(x, labels, None, 0.5, false, true);
            (floats(&loss)[0], floats(&gradient.expect("asked for")))
        };
        let x = Array::from_slice(&[f32::MAX, f32::MIN, 0.0, 1000.0, 0.0, 0.0], dims(&[2, 3]));
        assert_eq!(of(&x, &Array::from_slice(&[0i64, 0], dims(&[2]))).0, 0.0);
        let (loss, gradient) = of(&x, &Array::from_slice(&[2i64, 1], dims(&[2])));
        close(loss, f64::from(f32::MAX) / 2.0 + 500.0, 1e-7);
        assert_eq!(gradient, [0.5, 0.0, -0.5, 0.5, -0.5, 0.0]);
        // Rows that count for nothing may hold anything.
        for c in [3, 100] {
            let x = Array::from_fn(dims(&[2, c]), |i| if i < c { f32::NEG_INFINITY } else { 0.0 });
            let factors = Array::from_slice(&[0f32, 1.0], dims(&[2]));
            let labels = Array::from_slice(&[-1i64, 0], dims(&[2]));
            let (loss, gradient) = cross_entropy(&x, &labels, Some(&factors), 1.0, false, true);
            close(floats(&loss)[0], (c as f64).ln(), 1e-6);
            let gradient = floats(&gradient.expect("asked for"));
            assert!(gradient[..c].iter().all(|&x| x == 0.0) && gradient.iter().all(|x| x.is_finite()));
        }
    }

    #[test]
    fn labels_are_checked() {
        for labels in layouts(&[6], -5, |i| [0i64, 1, 2, 9, -1, 3][i]) {
            let bad = |classes, ignored| check_labels(&labels, classes, ignored).map(|(_, skipped)| skipped);
            assert_eq!(bad(4, None), Err((3, 9)));
            assert_eq!(bad(10, None), Err((4, -1)));
            assert_eq!(bad(10, Some(-1)), Ok(1));
            let (clean, skipped) = check_labels(&labels, 10, Some(-1)).unwrap();
            assert_eq!((clean.to_vec::<i64>(), skipped), (vec![0, 1, 2, 9, -1, 3], 1));
            assert_eq!(check_labels(&labels, 4, Some(9)).map(|_| ()), Err((4, -1)));
        }
        assert!(check_labels(&Array::full(0i64, dims(&[0])), 0, None).is_ok());
        let (clean, _) = check_labels(&Array::from_slice(&[0i64, 2, 1], dims(&[3])), 3, Some(2)).unwrap();
        assert_eq!(clean.to_vec::<i64>(), [0, -1, 1]);
        let x = Array::full(0f32, dims(&[1, 3]));
        for bad in [-1, 3, i64::MIN] {
            let labels = Array::full(bad, dims(&[1]));
            assert!(std::panic::catch_unwind(|| cross_entropy(&x, &labels, None, 1.0, false, true)).is_err());
            assert!(std::panic::catch_unwind(|| cross_entropy(&x, &labels, None, 1.0, false, false)).is_err());
        }
        let one = Array::full(0i64, dims(&[1]));
        let cube = Array::full(0f32, dims(&[1, 2, 3]));
        assert!(std::panic::catch_unwind(|| cross_entropy(&cube, &one, None, 1.0, false, true)).is_err());
    }

    #[test]
    fn a_stretched_label_counts_for_all() {
        let x = Array::from_fn(dims(&[5, 3]), |i| noise(i) as f32);
        let (one, all) = (Array::full(2i64, dims(&[1])).expand(&dims(&[5])), Array::full(2i64, dims(&[5])));
        let of = |labels| cross_entropy(&x, labels, None, 1.0, false, true);
        let ((a, da), (b, db)) = (of(&one), of(&all));
        assert_eq!((floats(&a), floats(&da.unwrap())), (floats(&b), floats(&db.unwrap())));
    }

    #[test]
    fn picked_and_put_back() {
        for shape in [&[4, 3][..], &[2, 5, 3], &[2, 3, 2, 2]] {
            let rest = dims(shape).without(1);
            for x in layouts(shape, f64::NAN, noise) {
                let labels = Array::from_fn(rest, |i| label(i, shape[1] + 1) - 1);
                let (inner, of, all) = (shape[2..].iter().product::<usize>(), labels.to_vec::<i64>(), floats(&x));
                let at = |i: usize| (i / inner * shape[1] + of[i] as usize) * inner + i % inner;
                let want: Vec<f64> = (0..of.len()).map(|i| if of[i] < 0 { 0.0 } else { all[at(i)] }).collect();
                let picked = pick(&x, &labels);
                assert_eq!((floats(&picked), *picked.shape()), (want.clone(), rest));
                let back = put(&picked, &labels, shape[1]);
                assert_eq!(*back.shape(), dims(shape));
                assert_eq!(floats(&pick(&back, &labels)), want);
                assert_eq!(floats(&back).iter().filter(|&&x| x != 0.0).count(), of.iter().filter(|&&y| y >= 0).count());
                let weights = Array::from_fn(dims(&[shape[1]]), |i| i as f64 + 1.0);
                let of_labels = floats(&label_weights(&labels, &weights));
                assert!(of_labels.iter().zip(&of).all(|(&weight, &label)| weight == (label + 1) as f64));
                let counted = floats(&label_weights(&labels, &Array::full(1f64, dims(&[]))));
                assert!(counted.iter().zip(&of).all(|(&weight, &label)| (weight == 1.0) == (label >= 0)));
            }
        }
    }
}
