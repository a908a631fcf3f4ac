//! Normalisation: mean 0 and variance 1, then a scale and a shift that are learned.

use super::binary::{add_scalar, mul, rdiv_scalar, sub};
use super::reduce::{mean, sum};
use super::shape::reshape;
use super::unary::{sqrt, square};
use crate::graph::{Value, record, will_record};
use crate::kernels::{Array, Dims, elementwise, reduce};

/// Each channel (axis 1) of `x` with mean 0 and variance 1 over the batch, times `weight` plus `bias`, both `[C]`; and
/// the mean and the (biased) variance of each channel, `[C]`, without a past. PyTorch's `batch_norm(training=True)`.
///
/// Ioffe and Szegedy, [Batch Normalization](https://arxiv.org/abs/1502.03167), 2015.
#[track_caller]
pub fn batch_norm(x: Value, weight: &Value, bias: &Value, eps: f64) -> (Value, Value, Value) {
    let shape = channels("batch_norm", &x, [weight, bias]);
    let axes = ((1u8 << x.shape().rank()) - 1) & !0b10;
    let (y, statistics) = standardize(x, axes, eps);
    let [mean, variance] = statistics.map(|of| of.reshape(weight.shape()).into());
    (affine(y, weight, bias, &shape), mean, variance)
}

/// As [`batch_norm`], with the `mean` and the `variance` given: `[C]` each, data without a gradient. PyTorch's
/// `batch_norm(training=False)`.
#[track_caller]
pub fn batch_norm_with(x: Value, weight: &Value, bias: &Value, mean: &Value, variance: &Value, eps: f64) -> Value {
    let shape = channels("batch_norm_with", &x, [weight, bias]);
    channels("batch_norm_with", &x, [mean, variance]);
    for given in [mean, variance] {
        assert!(
            !given.link().wants_gradient(),
            "batch_norm_with has no gradient for the statistics: call detach() on them"
        );
    }
    let scale = inverse_deviation(variance.array().reshape(&shape), eps);
    let y = mul(sub(x, &mean.array().reshape(&shape).into()), &scale.into());
    affine(y, weight, bias, &shape)
}

/// The last axis of `x` with mean 0 and variance 1, times `weight` plus `bias`, both as long as that axis. PyTorch's
/// `layer_norm`.
///
/// Ba, Kiros and Hinton, [Layer Normalization](https://arxiv.org/abs/1607.06450), 2016.
#[track_caller]
pub fn layer_norm(x: Value, weight: &Value, bias: &Value, eps: f64) -> Value {
    let (shape, features) = (*weight.shape(), x.shape().last());
    assert!(
        x.shape().rank() > 0 && [weight, bias].iter().all(|of| *of.shape() == [features][..]),
        "layer_norm: a weight of {shape:?} and a bias of {:?} for an input of {:?}",
        bias.shape(),
        x.shape()
    );
    let axes = 1 << (x.shape().rank() - 1);
    affine(standardize(x, axes, eps).0, weight, bias, &shape)
}

/// The channels (axis 1) of each sample of `x` in `groups` that have mean 0 and variance 1 together, times `weight`
/// plus `bias`, both `[C]`. PyTorch's `group_norm`.
///
/// Wu and He, [Group Normalization](https://arxiv.org/abs/1803.08494), 2018.
#[track_caller]
pub fn group_norm(x: Value, weight: &Value, bias: &Value, groups: usize, eps: f64) -> Value {
    let stretched = channels("group_norm", &x, [weight, bias]);
    let shape = *x.shape();
    if let Err(mistake) = fusion_rules::groups(fusion_rules::Size::Known(shape.get(1)), fusion_rules::Size::Dyn, groups)
    {
        panic!("{mistake}");
    }
    let each = shape.iter().skip(1).product::<usize>() / groups;
    let grouped = reshape(x, &Dims::new(&[shape.get(0), groups, each]));
    affine(reshape(standardize(grouped, 0b100, eps).0, &shape), weight, bias, &stretched)
}

/// The shape in which one number for each channel stretches over `x`.
#[track_caller]
fn channels(name: &str, x: &Value, of: [&Value; 2]) -> Dims {
    assert!(x.shape().rank() >= 2, "{name}: an input of {:?} has no channels", x.shape());
    let channels = x.shape().get(1);
    for of in of {
        assert!(
            *of.shape() == [channels][..],
            "{name}: {:?} for the {channels} channels of {:?}",
            of.shape(),
            x.shape()
        );
    }
    let mut shape = Dims::new(&[channels]);
    for _ in 2..x.shape().rank() {
        shape.push(1);
    }
    shape
}

/// `1 / sqrt(variance + eps)`.
fn inverse_deviation(variance: Array, eps: f64) -> Array {
    elementwise::recip(elementwise::sqrt(elementwise::add_scalar(variance, eps)))
}

/// `(x - mean) / sqrt(variance + eps)` with mean and variance over `axes`, and these two, with the axes kept.
#[track_caller]
fn standardize(x: Value, axes: u8, eps: f64) -> (Value, [Array; 2]) {
    // The mean of equal numbers is exact, so a constant input has a variance of 0.
    let center = reduce::mean(x.array(), axes, true);
    // From the mean, not from the squares' mean: large means must not swallow small deviations.
    let centered = elementwise::sub(x.array().clone(), &center);
    let variance = reduce::mean(&elementwise::square(centered.clone()), axes, true);
    let scale = inverse_deviation(variance.clone(), eps);
    let y = record("standardize", [x.link()], elementwise::mul(centered, &scale), |y| {
        let (x, y) = (x.array().clone(), y.clone());
        move |g, cx| {
            let scale = if cx.is_traced() {
                let x = cx.input(0, &x);
                let variance = mean(&square(sub(x.clone(), &mean(&x, axes, true))), axes, true);
                rdiv_scalar(1.0, sqrt(add_scalar(variance, eps)))
            } else {
                scale.clone().into()
            };
            let y = cx.output(&y);
            let along = mean(&mul(g.clone(), &y), axes, true);
            let shift = mean(&g, axes, true);
            [Some(mul(sub(sub(g, &shift), &mul(y, &along)), &scale))]
        }
    });
    (y, [center, variance])
}

/// `x * weight + bias`, both stretched over `x` from `shape`.
#[track_caller]
fn affine(x: Value, weight: &Value, bias: &Value, shape: &Dims) -> Value {
    let (shape, lengths) = (*shape, *weight.shape());
    let axes = others(x.shape().rank(), &shape);
    let (w, b) = (weight.array().reshape(&shape), bias.array().reshape(&shape));
    let (x, link) = x.into_parts();
    let saved = will_record(&[&link, weight.link(), bias.link()]).then(|| x.clone());
    let y = elementwise::add(elementwise::mul(x, &w), &b);
    record("scale and shift", [&link, weight.link(), bias.link()], y, |_| {
        let (x, w) = (saved.expect("recorded"), weight.array().clone());
        move |g, cx| {
            let db = cx.needs_grad(2).then(|| reshape(sum(&g, axes, false), &lengths));
            let dw = cx.needs_grad(1).then(|| reshape(sum(&mul(g.clone(), &cx.input(0, &x)), axes, false), &lengths));
            let dx = cx.needs_grad(0).then(|| mul(g, &reshape(cx.input(1, &w), &shape)));
            [dx, dw, db]
        }
    })
}

/// The axes of a tensor of `rank` along which a right-aligned `shape` repeats.
fn others(rank: usize, shape: &Dims) -> u8 {
    let lead = rank - shape.rank();
    (0..rank).filter(|&axis| axis < lead || shape.get(axis - lead) == 1 && shape.rank() > 1).map(|axis| 1 << axis).sum()
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;
    use crate::kernels::testing::{close, floats, laid, noise};

    #[test]
    fn gradients() {
        for shape in [&[3, 2, 2, 2][..], &[4, 3], &[2, 1, 3, 1]] {
            let (w, b) = (any(2, &shape[1..2]), any(3, &shape[1..2]));
            let inputs = [any(1, shape), w, b];
            first_and_second(&inputs, |x| batch_norm(x[0].clone(), &x[1], &x[2], 1e-5).0);
            let (mean, variance) = (any(4, &shape[1..2]), Array::full(0.7, Dims::new(&shape[1..2])).into());
            first_and_second(&inputs, |x| group_norm(x[0].clone(), &x[1], &x[2], 1, 1e-5));
            first_and_second(&inputs, |x| batch_norm_with(x[0].clone(), &x[1], &x[2], &mean, &variance, 1e-5));
        }
        for shape in [&[5][..], &[2, 4], &[2, 1, 3]] {
            let last = &shape[shape.len() - 1..];
            first_and_second(&[any(1, shape), any(2, last), any(3, last)], |x| {
                layer_norm(x[0].clone(), &x[1], &x[2], 1e-5)
            });
        }
    }

    /// In f32, with a mean a thousand times the deviation, and in other layouts.
    #[test]
    fn statistics() {
        let x = |i: usize| 1000.0 + noise(i) as f32;
        let (w, b) = (Array::full(1f32, Dims::new(&[3])), Array::full(0f32, Dims::new(&[3])));
        for order in [[0, 1, 2, 3], [0, 2, 3, 1], [3, 1, 0, 2]] {
            let x = laid(&[4, 3, 5, 6], &order, x);
            let (y, mean, variance) = batch_norm(x.clone().into(), &w.clone().into(), &b.clone().into(), 1e-5);
            for channel in 0..3 {
                let all: Vec<f64> = floats(&x).chunks(30).skip(channel).step_by(3).flatten().copied().collect();
                let center = all.iter().sum::<f64>() / 120.0;
                let spread = all.iter().map(|x| (x - center).powi(2)).sum::<f64>() / 120.0;
                close(floats(mean.array())[channel], center, 1e-6);
                close(floats(variance.array())[channel], spread, 1e-4);
                let ys: Vec<f64> = floats(y.array()).chunks(30).skip(channel).step_by(3).flatten().copied().collect();
                for (y, x) in ys.iter().zip(&all) {
                    close(*y, (x - center) / (spread + 1e-5).sqrt(), 1e-3);
                }
            }
        }
    }

    /// A constant input, however large, gives exactly 0, and rounding errors are not scaled up by `1 / sqrt(eps)`.
    #[test]
    fn constants() {
        for c in [0.1f32, 100.0, 1000.0, 10_001.0, 1_000_001.0, 1e7] {
            for n in [3, 7, 61, 100, 784] {
                let (w, b) = (Array::full(1f32, Dims::new(&[n])), Array::full(0f32, Dims::new(&[n])));
                let y = layer_norm(Array::full(c, Dims::new(&[2, n])).into(), &w.into(), &b.into(), 1e-5);
                assert_eq!(y.array().to_vec::<f32>(), vec![0.0; 2 * n], "{n} times {c}");
                let (w, b) = (Array::full(1f32, Dims::new(&[2])), Array::full(0f32, Dims::new(&[2])));
                let x = Array::full(c, Dims::new(&[1, 2, n, 1])).into();
                let (y, mean, variance) = batch_norm(x, &w.into(), &b.into(), 1e-5);
                assert_eq!(y.array().to_vec::<f32>(), vec![0.0; 2 * n], "{n} times {c}");
                assert_eq!((mean.array().to_vec(), variance.array().to_vec()), (vec![c; 2], vec![0f32; 2]));
            }
        }
    }

    #[test]
    fn no_images() {
        let (w, b) = (any(2, &[3]), any(3, &[3]));
        let (y, mean, _) = batch_norm(any(1, &[0, 3, 2, 2]), &w, &b, 1e-5);
        assert_eq!((y.shape().count(), mean.array().count()), (0, 3));
        assert_eq!(*batch_norm_with(any(1, &[0, 3, 2, 2]), &w, &b, &b, &w, 1e-5).shape(), [0, 3, 2, 2][..]);
        assert_eq!(*layer_norm(any(1, &[0, 3]), &w, &b, 1e-5).shape(), [0, 3][..]);
    }
}
