//! Batch norm: each channel with mean 0 and variance 1 over the batch, with what follows it in one operation.

use super::super::activation::{activated, activated_grad};
use super::super::binary::{add, mul, sub};
use super::super::reduce::sum;
use super::super::same_shape;
use super::super::shape::reshape;
use super::{Form, Lies, channels, inverse_deviation, normalise, others, sides};
use crate::graph::{Context, Link, Value, record, will_record};
use crate::kernels::activation::Activation;
use crate::kernels::norm::batch::{After, backward, batch, batch_given, result};
use crate::kernels::norm::{Groups, Learned, statistics};
use crate::kernels::{Array, Dims, elementwise};

/// Each channel (axis 1) of `x` with mean 0 and variance 1 over the batch, times `weight` plus `bias`, both `[C]`; and
/// the mean and the (biased) variance of each channel, `[C]`, without a past. PyTorch's `batch_norm(training=True)`.
///
/// Ioffe and Szegedy, [Batch Normalization](https://arxiv.org/abs/1502.03167), 2015.
#[track_caller]
pub fn batch_norm(x: Value, weight: &Value, bias: &Value, eps: f64) -> (Value, Value, Value) {
    batch_norm_act(x, weight, bias, eps, None, Activation::Identity)
}

/// As [`batch_norm`], with the `mean` and the `variance` given: `[C]` each, data without a gradient. PyTorch's
/// `batch_norm(training=False)`.
#[track_caller]
pub fn batch_norm_with(x: Value, weight: &Value, bias: &Value, mean: &Value, variance: &Value, eps: f64) -> Value {
    batch_norm_with_act(x, weight, bias, mean, variance, eps, None, Activation::Identity)
}

/// As [`batch_norm`], then plus the `residual`, which has the shape of `x`, then the `activation`: one pass over memory where
/// the channels lie side by side.
#[track_caller]
pub fn batch_norm_act(
    x: Value,
    weight: &Value,
    bias: &Value,
    eps: f64,
    residual: Option<Value>,
    activation: Activation,
) -> (Value, Value, Value) {
    channels("batch_norm", &x, [Some(weight), Some(bias)]);
    residual.iter().for_each(|residual| same_shape(&x, residual));
    let form = form(x.shape(), eps);
    if is_apart(&x) {
        let (y, known) = normalise("batch_norm", x, Some(weight), Some(bias), form);
        let [mean, variance] = statistics(&known).map(Value::from);
        return (finished(y, residual, activation), mean, variance);
    }
    let mut found = None;
    let norm = |x, after: After<'_>| {
        let (y, known, statistics) = batch(x, weight.array(), bias.array(), after, eps);
        found = Some(statistics);
        (y, known)
    };
    let names = ["batch_norm", "batch_norm relu", "batch_norm leaky_relu"];
    let y = in_one(names, x, [weight, bias], residual, activation, norm, Statistics::Own(form));
    let [mean, variance] = found.expect("computed").map(Value::from);
    (y, mean, variance)
}

/// As [`batch_norm_with`], then plus the `residual`, which has the shape of `x`, then the `activation`: one pass over memory where
/// the channels lie side by side.
#[expect(
    clippy::too_many_arguments,
    reason = "a norm has these, and each is of its own type or named as in the formula"
)]
#[track_caller]
pub fn batch_norm_with_act(
    x: Value,
    weight: &Value,
    bias: &Value,
    mean: &Value,
    variance: &Value,
    eps: f64,
    residual: Option<Value>,
    activation: Activation,
) -> Value {
    let shape = channels("batch_norm_with", &x, [Some(weight), Some(bias)]);
    channels("batch_norm_with", &x, [Some(mean), Some(variance)]);
    residual.iter().for_each(|residual| same_shape(&x, residual));
    for given in [mean, variance] {
        assert!(
            !given.link().wants_gradient(),
            "batch_norm_with has no gradient for the statistics: call detach() on them"
        );
    }
    if is_apart(&x) {
        let scale = inverse_deviation(variance.array().reshape(&shape), eps);
        let y = mul(sub(x, &mean.array().reshape(&shape).into()), &scale.into());
        return finished(affine(y, weight, bias, &shape), residual, activation);
    }
    let [mean, variance] = [mean, variance].map(|of| of.array().clone());
    let norm = |x, after: After<'_>| batch_given(x, weight.array(), bias.array(), [&mean, &variance], after, eps);
    let inverse = inverse_deviation(variance.reshape(&shape), eps);
    let statistics = Statistics::Given { mean: mean.reshape(&shape), inverse };
    let names = ["batch_norm_with", "batch_norm_with relu", "batch_norm_with leaky_relu"];
    in_one(names, x, [weight, bias], residual, activation, norm, statistics)
}

/// The groups and the axes of a batch norm of this shape whose channels lie apart.
fn form(shape: &Dims, eps: f64) -> Form {
    let [images, each, area] = sides(shape);
    let groups = Groups {
        count: each,
        step: area,
        segments: images,
        segment_step: each * area,
        length: area,
        learned: Learned::Segment { cycle: each, group: 1, segment: 0 },
    };
    let (view, learned) = (Dims::new(&[images, each, area]), Dims::new(&[1, each, 1]));
    Form { lies: Lies::Together(groups), view, axes: 0b101, learned, eps, centered: true }
}

/// Do the elements of a channel lie together, so many that they are worth a loop of their own?
fn is_apart(x: &Value) -> bool {
    let x = x.array();
    let [.., area] = sides(x.shape());
    x.is_contiguous() && !x.is_channels_last() && area >= 8 && x.count() > 0
}

/// What follows a norm.
#[track_caller]
fn finished(y: Value, residual: Option<Value>, activation: Activation) -> Value {
    let y = match residual {
        Some(residual) => add(y, &residual),
        None => y,
    };
    activated(y, activation)
}

/// Where mean and variance come from.
#[derive(Clone)]
enum Statistics {
    /// From the input.
    Own(Form),
    /// From elsewhere, stretched over the input.
    Given {
        mean: Array,
        /// One over the deviation.
        inverse: Array,
    },
}

/// All in one operation; `norm` computes it of an input that lies channels-last.
#[track_caller]
fn in_one(
    names: [&'static str; 3],
    x: Value,
    learned: [&Value; 2],
    residual: Option<Value>,
    activation: Activation,
    norm: impl FnOnce(Array, After<'_>) -> (Array, Array),
    statistics: Statistics,
) -> Value {
    // The sign of a sum has to follow from that of the result.
    if !activation.keeps_sign() && residual.is_some() {
        let y = in_one(names, x, learned, None, Activation::Identity, norm, statistics);
        return finished(y, residual, activation);
    }
    let (x, link) = x.into_parts();
    let x = if x.is_dense() && x.is_channels_last() { x } else { x.channels_last() };
    let ([weight, bias], name) = (learned, activation.named(names));
    match residual {
        None => {
            let links = [&link, weight.link(), bias.link()];
            recorded(name, links, x, weight, |x| norm(x, After { residual: None, activation }), activation, statistics)
        }
        Some(residual) => {
            let links = [&link, weight.link(), bias.link(), residual.link()];
            let norm = |x| norm(x, After { residual: Some(residual.array()), activation });
            recorded(name, links, x, weight, norm, activation, statistics)
        }
    }
}

#[track_caller]
fn recorded<const N: usize>(
    name: &'static str,
    links: [&Link; N],
    x: Array,
    weight: &Value,
    norm: impl FnOnce(Array) -> (Array, Array),
    activation: Activation,
    statistics: Statistics,
) -> Value {
    let saved = will_record(&links).then(|| x.clone());
    let (y, known) = norm(x);
    record(name, links, y, |y| {
        let (x, weight) = (saved.expect("recorded"), weight.array().clone());
        let y = (N == 4 && activation != Activation::Identity).then(|| y.clone());
        move |g, cx| {
            let wanted = [0, 1, 2, 3].map(|i| i < N && cx.needs_grad(i));
            let mut all = if cx.is_traced() {
                let g = match (activation, &y) {
                    (Activation::Identity, _) => g,
                    (_, Some(y)) => activated_grad(g, &y.clone().into(), activation),
                    (_, None) => activated_grad(g, &result(x.clone(), &known, activation).into(), activation),
                };
                let added = wanted[3].then(|| g.clone());
                let [dx, dw, db] = match &statistics {
                    Statistics::Own(form) => {
                        form.gradients(g, cx, &x, Some(&weight), [wanted[0], wanted[1], wanted[2]])
                    }
                    Statistics::Given { mean, inverse } => given_gradients(g, cx, [&x, &weight, mean, inverse], wanted),
                };
                [dx, dw, db, added]
            } else {
                let given = matches!(statistics, Statistics::Given { .. });
                let (g, _) = g.into_parts();
                backward(g, &x, y.as_ref(), &known, activation, given, wanted).map(|of| of.map(Value::from))
            };
            std::array::from_fn(|i| all[i].take())
        }
    })
}

/// The gradients as operations where mean and variance are given.
fn given_gradients(
    g: Value,
    cx: &Context<'_>,
    [x, weight, mean, inverse]: [&Array; 4],
    wanted: [bool; 4],
) -> [Option<Value>; 3] {
    let axes = others(x.shape().rank(), mean.shape());
    let gathered = |of: &Value| reshape(sum(of, axes, false), weight.shape());
    let db = wanted[2].then(|| gathered(&g));
    let dw = wanted[1].then(|| {
        let from = mul(sub(cx.input(0, x), &mean.clone().into()), &inverse.clone().into());
        gathered(&mul(g.clone(), &from))
    });
    let dx = wanted[0].then(|| {
        let scale = mul(reshape(cx.input(1, weight), mean.shape()), &inverse.clone().into());
        mul(g, &scale)
    });
    [dx, dw, db]
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

#[cfg(test)]
mod tests {
    use super::super::super::derivatives::{any, first_and_second};
    use super::*;
    use crate::kernels::DType;
    use crate::kernels::testing::{close, floats, noise, with_each_isa};

    const ACTIVATIONS: [Activation; 4] =
        [Activation::Identity, Activation::Relu, Activation::LeakyRelu(0.2), Activation::LeakyRelu(-0.5)];

    #[test]
    fn gradients() {
        for shape in [&[3, 2, 2, 2][..], &[4, 3], &[2, 2, 3, 3]] {
            let of = [1, 2, 3, 4].map(|kind| any(kind, if [2, 3].contains(&kind) { &shape[1..2] } else { shape }));
            let (mean, variance) = (any(5, &shape[1..2]), Array::full(0.7, Dims::new(&shape[1..2])).into());
            for activation in ACTIVATIONS {
                for inputs in [&of[..3], &of] {
                    let added = |x: &[Value]| x.get(3).cloned();
                    first_and_second(inputs, |x| {
                        batch_norm_act(x[0].clone(), &x[1], &x[2], 1e-5, added(x), activation).0
                    });
                    first_and_second(inputs, |x| {
                        let (x, w, b, added) = (x[0].clone(), &x[1], &x[2], added(x));
                        batch_norm_with_act(x, w, b, &mean, &variance, 1e-5, added, activation)
                    });
                }
            }
        }
    }

    /// Result, statistics and all gradients in one operation and as several, of pixels whose number and channels are not those
    /// of vectors, with one thread and with two, in place and in new memory.
    fn check(dtype: DType, tolerance: f64) {
        for (channels, pixels) in
            [(1, 300), (3, 113), (8, 64), (16, 1000), (17, 65), (64, 33), (65, 9), (1030, 5), (96, 700)]
        {
            let shape = [1, channels, 1, pixels];
            let of = |kind: usize, shape: &[usize], base: f64| {
                let list = Array::from_fn(Dims::new(shape), |i| base + noise(i + 100_000 * kind));
                elementwise::cast(&list, dtype)
            };
            let x = of(1, &shape, 3.0).channels_last();
            let (w, b) = (of(2, &[channels], 0.5), of(3, &[channels], 0.0));
            let (residual, g) = (of(4, &shape, 0.0), of(5, &shape, 0.0));
            let (mean, variance) = (of(6, &[channels], 3.0), of(7, &[channels], 1.5));
            for (activation, adds, given) in ACTIVATIONS
                .iter()
                .flat_map(|&a| [(a, false, false), (a, true, false), (a, false, true), (a, true, true)])
                .skip(if channels * pixels > 5000 { 4 } else { 0 })
                .take(if channels * pixels > 5000 { 2 } else { usize::MAX })
            {
                let run = |whole: bool, seed: Array| {
                    let leaf = |of: &Array| Value::from(of.clone()).watch();
                    let inputs = [leaf(&x), leaf(&w), leaf(&b), leaf(&residual.channels_last())];
                    let added = adds.then(|| inputs[3].clone());
                    let norm = |added, activation| match given {
                        false => batch_norm_act(inputs[0].clone(), &inputs[1], &inputs[2], 1e-5, added, activation).0,
                        true => {
                            let (mean, variance) = (mean.clone().into(), variance.clone().into());
                            let x = inputs[0].clone();
                            batch_norm_with_act(x, &inputs[1], &inputs[2], &mean, &variance, 1e-5, added, activation)
                        }
                    };
                    let y = if whole {
                        norm(added, activation)
                    } else {
                        finished(norm(None, Activation::Identity), added, activation)
                    };
                    assert!(y.array().is_channels_last());
                    let grads = y.clone().backward(seed.into());
                    let mut all = vec![y.array().clone()];
                    all.extend(
                        inputs[..3 + usize::from(adds)]
                            .iter()
                            .map(|of| grads.get_value(of.link()).expect("wanted").array().clone()),
                    );
                    all
                };
                let want = run(false, g.channels_last());
                for seed in [g.clone(), g.channels_last(), g.contiguous()] {
                    for (got, want) in run(true, seed).iter().zip(&want) {
                        let (got, want) = (floats(got), floats(want));
                        let most = want.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
                        got.iter().zip(&want).for_each(|(got, want)| close(got / most, want / most, tolerance));
                    }
                }
            }
        }
    }

    #[test]
    fn one_operation_as_several() {
        with_each_isa(|| {
            check(DType::F32, 1e-5);
            check(DType::F64, 1e-12);
        });
    }
}
