//! Normalisation: mean 0 and variance 1, then a scale and a shift that are learned.

mod batch;

pub use batch::{batch_norm, batch_norm_act, batch_norm_with, batch_norm_with_act};

use super::binary::{add, add_scalar, mul, rdiv_scalar, sub};
use super::reduce::{mean, sum};
use super::shape::reshape;
use super::unary::{sqrt, square};
use crate::graph::{Context, Link, Value, record, will_record};
use crate::kernels::norm as kernel;
use crate::kernels::norm::{Groups, Learned};
use crate::kernels::{Array, Dims, elementwise};

/// The last axis of `x` with mean 0 and variance 1, times `weight` plus `bias`, both as long as that axis. PyTorch's
/// `layer_norm`.
///
/// Ba, Kiros and Hinton, [Layer Normalization](https://arxiv.org/abs/1607.06450), 2016.
#[track_caller]
pub fn layer_norm(x: Value, weight: &Value, bias: &Value, eps: f64) -> Value {
    rows("layer_norm", x, weight, Some(bias), eps)
}

/// The last axis of `x` over the root of the mean of its squares, times `weight`, as long as that axis. PyTorch's `rms_norm`.
///
/// Zhang and Sennrich, [Root Mean Square Layer Normalization](https://arxiv.org/abs/1910.07467), 2019.
#[track_caller]
pub fn rms_norm(x: Value, weight: &Value, eps: f64) -> Value {
    rows("rms_norm", x, weight, None, eps)
}

/// Layer norm, or without a bias that of the root mean square.
#[track_caller]
fn rows(name: &'static str, x: Value, weight: &Value, bias: Option<&Value>, eps: f64) -> Value {
    let shape = *x.shape();
    let features = if shape.rank() > 0 { shape.last() } else { 0 };
    if shape.rank() == 0 || [Some(weight), bias].iter().flatten().any(|of| *of.shape() != [features][..]) {
        let bias = bias.map_or(String::new(), |bias| format!(" and a bias of {:?}", bias.shape()));
        panic!("{name}: a weight of {:?}{bias} for an input of {shape:?}", weight.shape());
    }
    let count = shape.iter().rev().skip(1).product();
    let form = Form {
        lies: Lies::Together(Groups::rows(count, features)),
        view: Dims::new(&[count, features]),
        axes: 0b10,
        learned: Dims::new(&[1, features]),
        eps,
        centered: bias.is_some(),
    };
    normalise(name, x, Some(weight), bias, form).0
}

/// The channels (axis 1) of each sample of `x` in `groups` that have mean 0 and variance 1 together, times `weight`
/// plus `bias`, both `[C]`. PyTorch's `group_norm`.
///
/// Wu and He, [Group Normalization](https://arxiv.org/abs/1803.08494), 2018.
#[track_caller]
pub fn group_norm(x: Value, weight: &Value, bias: &Value, groups: usize, eps: f64) -> Value {
    channels("group_norm", &x, [Some(weight), Some(bias)]);
    let each = fusion_rules::Size::Known(x.shape().get(1));
    if let Err(mistake) = fusion_rules::groups(each, fusion_rules::Size::Dyn, groups) {
        panic!("{mistake}");
    }
    in_groups("group_norm", x, Some(weight), Some(bias), groups, eps)
}

/// Each channel (axis 1) of each sample of `x` with mean 0 and variance 1, times `weight` plus `bias`, both `[C]`, if they are
/// there. PyTorch's `instance_norm`.
///
/// Ulyanov, Vedaldi and Lempitsky, [Instance Normalization](https://arxiv.org/abs/1607.08022), 2016.
#[track_caller]
pub fn instance_norm(x: Value, weight: Option<&Value>, bias: Option<&Value>, eps: f64) -> Value {
    let shape = channels("instance_norm", &x, [weight, bias]);
    let groups = x.shape().get(1);
    let y = in_groups("instance_norm", x, weight, weight.and(bias), groups, eps);
    match (weight, bias) {
        // The kernels know none without a weight.
        (None, Some(bias)) => add(y, &reshape(bias.clone(), &shape)),
        _ => y,
    }
}

#[track_caller]
fn in_groups(
    name: &'static str,
    x: Value,
    weight: Option<&Value>,
    bias: Option<&Value>,
    groups: usize,
    eps: f64,
) -> Value {
    let shape = *x.shape();
    let [images, channels, area] = sides(&shape);
    let each = channels.checked_div(groups).unwrap_or(0);
    let together = Lies::Together(Groups::channels([images, channels, area], groups));
    let form = Form {
        lies: if x.array().is_only_channels_last() { Lies::Pixels(groups) } else { together },
        view: Dims::new(&[images, groups, each, area]),
        axes: 0b1100,
        learned: Dims::new(&[1, groups, each, 1]),
        eps,
        centered: true,
    };
    normalise(name, x, weight, bias, form).0
}

/// Images, channels, and the elements of a channel of an image.
fn sides(shape: &Dims) -> [usize; 3] {
    [shape.get(0), shape.get(1), shape.iter().skip(2).product()]
}

/// The shape in which one number for each channel stretches over `x`.
#[track_caller]
fn channels(name: &str, x: &Value, of: [Option<&Value>; 2]) -> Dims {
    assert!(x.shape().rank() >= 2, "{name}: an input of {:?} has no channels", x.shape());
    let channels = x.shape().get(1);
    for of in of.into_iter().flatten() {
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

/// How what is normalised lies in memory.
#[derive(Clone, Copy)]
enum Lies {
    /// Groups of stretches.
    Together(Groups),
    /// The channels of each pixel side by side, in so many groups.
    Pixels(usize),
}

/// How a tensor is normalised.
#[derive(Clone, Copy)]
struct Form {
    lies: Lies,
    /// The shape under which a group is whole axes,
    view: Dims,
    /// these,
    axes: u8,
    /// and the scales and shifts stretch in this one.
    learned: Dims,
    eps: f64,
    centered: bool,
}

/// Each group with mean 0 and variance 1, times `weight` plus `bias`; and what the kernel found.
#[track_caller]
fn normalise(name: &'static str, x: Value, weight: Option<&Value>, bias: Option<&Value>, form: Form) -> (Value, Array) {
    let (x, link) = x.into_parts();
    let as_it_lies = match form.lies {
        // The rows of the last axis may be in any order.
        Lies::Together(Groups { learned: Learned::Place, .. }) => x.is_dense() && x.strides().last() == 1,
        Lies::Together(_) => false,
        Lies::Pixels(_) => true,
    };
    let x = if as_it_lies || x.is_contiguous() { x } else { x.contiguous() };
    // An input that is not there is none: it would count as one that wants no gradient.
    match (weight, bias) {
        (Some(w), Some(b)) => recorded(name, [&link, w.link(), b.link()], x, Some(w), Some(b), form),
        (Some(w), None) => recorded(name, [&link, w.link()], x, Some(w), None, form),
        (None, None) => recorded(name, [&link], x, None, None, form),
        (None, Some(_)) => unreachable!("{name}: a bias without a weight"),
    }
}

#[track_caller]
fn recorded<const N: usize>(
    name: &'static str,
    links: [&Link; N],
    x: Array,
    weight: Option<&Value>,
    bias: Option<&Value>,
    form: Form,
) -> (Value, Array) {
    let saved = will_record(&links).then(|| x.clone());
    let [weight, bias] = [weight, bias].map(|of| of.map(|of| of.array().clone()));
    let (y, known) = form.forward(x, weight.as_ref(), bias.as_ref());
    let found = known.clone();
    let y = record(name, links, y, |_| {
        let x = saved.expect("recorded");
        move |g, cx| {
            let wanted = [0, 1, 2].map(|i| i < N && cx.needs_grad(i));
            let mut all = match cx.is_traced() {
                true => form.gradients(g, cx, &x, weight.as_ref(), wanted),
                false => {
                    let all = form.backward(g.into_parts().0, &x, weight.as_ref(), &known, wanted);
                    all.map(|of| of.map(Value::from))
                }
            };
            std::array::from_fn(|i| all[i].take())
        }
    });
    (y, found)
}

impl Form {
    /// The result, and what [`Form::backward`] needs.
    #[track_caller]
    fn forward(&self, x: Array, weight: Option<&Array>, bias: Option<&Array>) -> (Array, Array) {
        match &self.lies {
            Lies::Together(groups) => kernel::forward(x, weight, bias, groups, self.eps, self.centered),
            Lies::Pixels(groups) => kernel::images::forward(x, weight, bias, *groups, self.eps),
        }
    }

    /// The gradients that are `wanted`, from that of the result.
    #[track_caller]
    fn backward(
        &self,
        g: Array,
        x: &Array,
        weight: Option<&Array>,
        known: &Array,
        wanted: [bool; 3],
    ) -> [Option<Array>; 3] {
        match &self.lies {
            Lies::Together(groups) => kernel::backward(g, x, weight, known, groups, self.centered, wanted),
            Lies::Pixels(groups) => kernel::images::backward(g, x, weight, known, *groups, wanted),
        }
    }

    /// The gradients as operations: what is recorded where a gradient of the gradient is asked for.
    fn gradients(
        &self,
        g: Value,
        cx: &Context<'_>,
        x: &Array,
        weight: Option<&Array>,
        wanted: [bool; 3],
    ) -> [Option<Value>; 3] {
        let mean = |x: &Value| mean(x, self.axes, true);
        let (shape, g) = (*x.shape(), reshape(g, &self.view));
        let x = reshape(cx.input(0, x), &self.view);
        let x = if self.centered { sub(x.clone(), &mean(&x)) } else { x };
        let scale = rdiv_scalar(1.0, sqrt(add_scalar(mean(&square(x.clone())), self.eps)));
        let x = mul(x, &scale);
        // Of each scale and shift: the sum over all that it stretches over.
        let gathered = |of: &Value, lengths: &Dims| {
            let stretched = (0..self.view.rank()).filter(|&axis| self.learned.get(axis) == 1);
            reshape(sum(of, stretched.map(|axis| 1 << axis).sum(), false), lengths)
        };
        let by_weight = weight.filter(|_| wanted[1]).map(|w| gathered(&mul(g.clone(), &x), w.shape()));
        let by_bias = weight.filter(|_| wanted[2]).map(|w| gathered(&g, w.shape()));
        let by_x = wanted[0].then(|| {
            let g = match weight {
                Some(w) => mul(g, &reshape(cx.input(1, w), &self.learned)),
                None => g,
            };
            let along = mean(&mul(g.clone(), &x));
            let g = if self.centered { sub(g.clone(), &mean(&g)) } else { g };
            reshape(mul(sub(g, &mul(x, &along)), &scale), &shape)
        });
        [by_x, by_weight, by_bias]
    }
}

/// `1 / sqrt(variance + eps)`.
fn inverse_deviation(variance: Array, eps: f64) -> Array {
    elementwise::recip(elementwise::sqrt(elementwise::add_scalar(variance, eps)))
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
    use crate::kernels::array::copy::turned;
    use crate::kernels::testing::{close, floats, laid, noise};
    use crate::ops::shape::permute;

    #[test]
    fn gradients() {
        for shape in [&[3, 2, 2, 2][..], &[4, 3], &[2, 1, 3, 1], &[2, 2, 3, 3]] {
            let (w, b) = (any(2, &shape[1..2]), any(3, &shape[1..2]));
            let inputs = [any(1, shape), w, b];
            first_and_second(&inputs, |x| batch_norm(x[0].clone(), &x[1], &x[2], 1e-5).0);
            let (mean, variance) = (any(4, &shape[1..2]), Array::full(0.7, Dims::new(&shape[1..2])).into());
            first_and_second(&inputs, |x| group_norm(x[0].clone(), &x[1], &x[2], 1, 1e-5));
            first_and_second(&inputs, |x| instance_norm(x[0].clone(), Some(&x[1]), Some(&x[2]), 0.125));
            first_and_second(&inputs[..1], |x| instance_norm(x[0].clone(), None, None, 0.125));
            first_and_second(&[any(1, shape), any(3, &shape[1..2])], |x| {
                instance_norm(x[0].clone(), None, Some(&x[1]), 0.125)
            });
            first_and_second(&inputs, |x| batch_norm_with(x[0].clone(), &x[1], &x[2], &mean, &variance, 1e-5));
        }
        for shape in [&[5][..], &[2, 4], &[2, 1, 3]] {
            let last = &shape[shape.len() - 1..];
            let inputs = [any(1, shape), any(2, last), any(3, last)];
            first_and_second(&inputs, |x| layer_norm(x[0].clone(), &x[1], &x[2], 1e-5));
            first_and_second(&inputs[..2], |x| rms_norm(x[0].clone(), &x[1], 1e-5));
        }
    }

    /// Of images that lie channels-last.
    #[test]
    fn gradients_of_pixels() {
        let last = |x: &Value| permute(x.clone(), &[0, 3, 1, 2]);
        for shape in [[3, 2, 2, 2], [2, 1, 2, 4], [2, 3, 1, 6]] {
            let channels = &shape[3..];
            let inputs = [any(1, &shape), any(2, channels), any(3, channels)];
            assert!(last(&inputs[0]).array().is_only_channels_last());
            for groups in [1, 2, shape[3]] {
                first_and_second(&inputs, |x| group_norm(last(&x[0]), &x[1], &x[2], groups, 1e-5));
            }
            first_and_second(&inputs, |x| instance_norm(last(&x[0]), Some(&x[1]), Some(&x[2]), 0.125));
            first_and_second(&inputs[..1], |x| instance_norm(last(&x[0]), None, None, 0.125));
        }
    }

    /// Channels-last and in C order group norm and instance norm give the same, each in its layout.
    #[test]
    fn as_they_lie() {
        let (x, w, b) = (any(1, &[3, 10, 9, 6]), any(2, &[6]), any(3, &[6]));
        let last = permute(x, &[0, 3, 1, 2]).into_parts().0;
        let seed = permute(any(4, &[3, 10, 9, 6]), &[0, 3, 1, 2]).into_parts().0;
        let norms: [&dyn Fn(Value, &Value, &Value) -> Value; 6] = [
            &|x, w, b| group_norm(x, w, b, 1, 1e-5),
            &|x, w, b| group_norm(x, w, b, 3, 1e-5),
            &|x, w, b| instance_norm(x, Some(w), Some(b), 1e-5),
            &|x, w, _| instance_norm(x, Some(w), None, 1e-5),
            &|x, _, b| instance_norm(x, None, Some(b), 1e-5),
            &|x, _, _| instance_norm(x, None, None, 1e-5),
        ];
        for norm in norms {
            let all = |x: &Array, g: &Array| {
                let leaves = [Value::from(x.clone()).watch(), w.watch(), b.watch()];
                let y = norm(leaves[0].clone(), &leaves[1], &leaves[2]);
                let grads = y.clone().backward(g.clone().into());
                let grads = leaves.iter().filter_map(|leaf| Some(grads.get_value(leaf.link())?.array().clone()));
                [y.array().clone()].into_iter().chain(grads).collect::<Vec<_>>()
            };
            let before = turned();
            let got = all(&last, &seed);
            assert!(turned() == before && got[..2].iter().all(Array::is_only_channels_last));
            let want = all(&last.contiguous(), &seed.contiguous());
            assert!(want[..2].iter().all(Array::is_contiguous) && got.len() == want.len());
            for (got, want) in got.iter().zip(&want) {
                floats(got).iter().zip(floats(want)).for_each(|(got, want)| close(*got, want, 2e-11));
            }
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
        let last = permute(any(1, &[0, 2, 2, 3]), &[0, 3, 1, 2]);
        assert_eq!(*group_norm(last.clone(), &w, &b, 3, 1e-5).shape(), [0, 3, 2, 2][..]);
        assert_eq!(*instance_norm(last, None, None, 1e-5).shape(), [0, 3, 2, 2][..]);
    }
}
