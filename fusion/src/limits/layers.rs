//! What layers are made of: activations, norms, and what makes images larger.

use super::{Case, Sizes};
use crate::kernels::activation::Activation;
use crate::kernels::norm::batch::{After, backward as norm_back, batch, batch_given, result};
use crate::kernels::norm::{Groups, backward, forward, images, statistics};
use crate::kernels::resize::{Between, shrink, stretch};
use crate::kernels::{Array, Dims};
use crate::ops::attention::Attend;
use crate::ops::shape::permute;
use crate::ops::{activation, dropout, embedding, norm, upsample};
use crate::tensor::Tensor;

/// The groups of `[A, B]`, by its last axis.
fn rows(s: &Sizes) -> (Array, Groups) {
    let x = s.array("AB").contiguous();
    let groups = Groups::rows(x.shape().get(0), x.shape().get(1));
    (x, groups)
}

/// Twice as many elements as `n`.
fn places(n: usize) -> Vec<Between> {
    (0..2 * n).map(|i| Between { low: i / 2, high: (i / 2 + 1).min(n - 1), weight: 0.5 }).collect()
}

pub(super) const CASES: &[Case] = &[
    ("ops/activation::relu6", |s| activation::relu6(s.x("AB")).into()),
    ("ops/activation::elu", |s| activation::elu(s.x("AB"), 0.5).into()),
    ("ops/activation::selu", |s| activation::selu(s.x("AB")).into()),
    ("ops/activation::celu", |s| activation::celu(s.x("AB"), 0.5).into()),
    ("ops/activation::exponential_unit", |s| activation::exponential_unit(s.x("AB"), 1.0, 1.0, 1.0).into()),
    ("ops/activation::gelu_tanh", |s| activation::gelu_tanh(s.x("AB")).into()),
    ("ops/activation::softplus", |s| activation::softplus(s.x("AB"), 1.0, 20.0).into()),
    ("ops/activation::log_sigmoid", |s| activation::log_sigmoid(s.x("AB")).into()),
    ("ops/activation::softsign", |s| activation::softsign(s.x("AB")).into()),
    ("ops/activation::hardtanh", |s| activation::hardtanh(s.x("AB"), -1.0, 1.0).into()),
    ("ops/activation::hardsigmoid", |s| activation::hardsigmoid(s.x("AB")).into()),
    ("ops/activation::softshrink", |s| activation::softshrink(s.x("AB"), 0.5).into()),
    ("ops/activation::hardshrink", |s| activation::hardshrink(s.x("AB"), 0.5).into()),
    ("ops/activation::tanhshrink", |s| activation::tanhshrink(s.x("AB")).into()),
    ("ops/activation::prelu", |s| activation::prelu(s.x("ACB"), &s.x("C")).into()),
    ("ops/activation::glu", |s| activation::glu(&s.x("A4B"), 1).into()),
    ("ops/activation::swiglu", |s| activation::swiglu(&s.x("A4"), 1).into()),
    ("ops/dropout::dropout_channels", |s| dropout::dropout_channels(s.x("ACHW"), 0.5, 7).into()),
    ("ops/norm::rms_norm", |s| norm::rms_norm(s.x("ABC"), &s.x("C"), 1e-5).into()),
    ("ops/norm::group_norm", |s| {
        norm::group_norm(permute(s.x("AHWC"), &[0, 3, 1, 2]), &s.x("C"), &s.x("C"), 1, 1e-5).into()
    }),
    ("ops/norm::instance_norm", |s| norm::instance_norm(s.x("ACHW"), None, None, 1e-5).into()),
    ("ops/norm::instance_norm", |s| {
        norm::instance_norm(permute(s.x("AHWC"), &[0, 3, 1, 2]), Some(&s.x("C")), None, 1e-5).into()
    }),
    ("ops/norm::instance_norm", |s| norm::instance_norm(s.x("ACL"), Some(&s.x("C")), Some(&s.x("C")), 1e-5).into()),
    ("ops/upsample::upsample_bilinear2d", |s| {
        let scale = ["V", "X"].map(|letter| s.dims(letter).get(0).max(1));
        upsample::upsample_bilinear2d(s.x("ACHW"), scale, false).into()
    }),
    ("ops/embedding::embedding_padded", |s| embedding::embedding_padded(&s.x("NF"), &s.zeros("AB"), 1).into()),
    ("attention with masks", |s| {
        let mask = Tensor::<(), bool>::wrap(s.of("lm", |i| i % 2 == 0).into());
        let keys = Tensor::<(), bool>::wrap(s.of("Am", |i| i % 3 == 0).into());
        let attend = Attend::new().causal().hide(&mask).hide_keys(&keys);
        attend.apply(s.x("Ale"), s.x("Ame"), &s.x("Amf")).into()
    }),
    ("kernels/norm::forward", |s| {
        let (x, groups) = rows(s);
        let w = s.array("B");
        forward(x, Some(&w), Some(&w), &groups, 1e-5, true).0.into()
    }),
    ("kernels/norm::statistics", |s| {
        let (x, groups) = rows(s);
        let [mean, _] = statistics(&forward(x, None, None, &groups, 1e-5, true).1);
        mean.into()
    }),
    ("kernels/norm::backward", |s| {
        let (x, groups) = rows(s);
        let w = s.array("B");
        let (_, known) = forward(x.clone(), Some(&w), None, &groups, 1e-5, false);
        let [dx, ..] = backward(s.array("AB"), &x, Some(&w), &known, &groups, false, [true; 3]);
        dx.expect("it is wanted").into()
    }),
    ("kernels/norm::forward", |s| {
        let (w, x) = (s.array("C"), s.array("ACB").channels_last());
        images::forward(x, Some(&w), Some(&w), s.dims("C").get(0), 1e-5).0.into()
    }),
    ("kernels/norm::backward", |s| {
        let (w, x) = (s.array("C"), s.array("ACB").channels_last());
        let (_, known) = images::forward(x.clone(), None, None, 1, 1e-5);
        let [dx, ..] = images::backward(s.array("ACB"), &x, Some(&w), &known, 1, [true; 3]);
        dx.expect("it is wanted").into()
    }),
    ("kernels/norm::batch", |s| {
        batch(s.array("ACB").channels_last(), &s.array("C"), &s.array("C"), After::default(), 1e-5).0.into()
    }),
    ("kernels/norm::batch_given", |s| {
        let (w, x) = (s.array("C"), s.array("ACB").channels_last());
        batch_given(x, &w, &w, [&w, &w], After::default(), 1e-5).0.into()
    }),
    ("kernels/norm::result", |s| {
        let (w, x) = (s.array("C"), s.array("ACB").channels_last());
        let (_, known, _) = batch(x.clone(), &w, &w, After::default(), 1e-5);
        result(x, &known, Activation::Relu).into()
    }),
    ("kernels/norm::backward", |s| {
        let (w, x) = (s.array("C"), s.array("ACB").channels_last());
        let (_, known, _) = batch(x.clone(), &w, &w, After::default(), 1e-5);
        let [dx, ..] = norm_back(s.array("ACB"), &x, None, &known, Activation::Relu, false, [true; 4]);
        dx.expect("it is wanted").into()
    }),
    ("kernels/resize::stretch", |s| stretch(&s.array("AbC"), 1, &places(s.dims("b").get(0))).into()),
    ("kernels/resize::shrink", |s| {
        let n = s.dims("b").get(0);
        let shape = Dims::new(&[2, 2 * n]);
        shrink(&Array::full(1f32, shape), 1, &places(n), n).into()
    }),
];
