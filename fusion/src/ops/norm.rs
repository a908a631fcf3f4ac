//! Normalisation: mean 0 and variance 1, then a scale and a shift that are learned.

use super::arithmetic::{add_scalar, mul, rdiv_scalar, sub};
use super::elementary::{sqrt, square};
use super::reduce::{mean, sum};
use super::shape::reshape;
use crate::graph::{Value, record, records};
use crate::kernels::{Array, Dims, elementwise, reduce};

/// Each channel (axis 1) of `x` with mean 0 and variance 1 over the batch, times `weight` plus `bias`, both `[C]`; and
/// the mean and the (biased) variance of each channel, `[C]`, without a past. PyTorch's `batch_norm(training=True)`.
///
/// Ioffe and Szegedy, [Batch Normalization](https://arxiv.org/abs/1502.03167), 2015.
pub fn batch_norm(x: Value, weight: &Value, bias: &Value, eps: f64) -> (Value, Value, Value) {
    let shape = channels("batch_norm", &x, [weight, bias]);
    let axes = ((1u8 << x.shape().rank()) - 1) & !0b10;
    let (y, statistics) = standardize(x, axes, eps);
    let [mean, variance] = statistics.map(|of| of.reshape(weight.shape()).into());
    (affine(y, weight, bias, &shape), mean, variance)
}

/// As [`batch_norm`], with the `mean` and the `variance` given: `[C]` each, data without a gradient. PyTorch's
/// `batch_norm(training=False)`.
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

/// The shape in which one number for each channel stretches over `x`.
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
fn standardize(x: Value, axes: u8, eps: f64) -> (Value, [Array; 2]) {
    let group: usize =
        (0..x.shape().rank()).filter(|axis| axes >> axis & 1 == 1).map(|axis| x.shape().get(axis)).product();
    let average = |x: &Array| elementwise::mul_scalar(reduce::sum(x, axes, true), 1.0 / group as f64);
    let center = average(x.array());
    // From the mean, not from the squares' mean: large means must not swallow small deviations.
    let centered = elementwise::sub(x.array().clone(), &center);
    let variance = average(&elementwise::square(centered.clone()));
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
fn affine(x: Value, weight: &Value, bias: &Value, shape: &Dims) -> Value {
    let (shape, lengths) = (*shape, *weight.shape());
    let axes = others(x.shape().rank(), &shape);
    let (w, b) = (weight.array().reshape(&shape), bias.array().reshape(&shape));
    let (x, link) = x.split();
    let saved = records(&[&link, weight.link(), bias.link()]).then(|| x.clone());
    let y = elementwise::add(elementwise::mul(x, &w), &b);
    record("scale and shift", [&link, weight.link(), bias.link()], y, |_| {
        let (x, w) = (saved.expect("recorded"), weight.array().clone());
        move |g, cx| {
            let db = cx.wants(2).then(|| reshape(sum(&g, axes, false), &lengths));
            let dw = cx.wants(1).then(|| reshape(sum(&mul(g.clone(), &cx.input(0, &x)), axes, false), &lengths));
            let dx = cx.wants(0).then(|| mul(g, &reshape(cx.input(1, &w), &shape)));
            [dx, dw, db]
        }
    })
}

/// The axes of a tensor of `rank` along which a right-aligned `shape` repeats.
fn others(rank: usize, shape: &Dims) -> u8 {
    let lead = rank - shape.rank();
    (0..rank).filter(|&axis| axis < lead || shape.get(axis - lead) == 1 && shape.rank() > 1).map(|axis| 1 << axis).sum()
}
