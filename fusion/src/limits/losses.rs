//! Losses, and their kernels.

use super::{Case, Sizes};
use crate::dim::Dyn;
use crate::graph::Value;
use crate::kernels::loss::{self as kernel, Alignments};
use crate::ops::loss::classes::{self, Classes, Targets};
use crate::ops::loss::ctc::{Said, ctc};
use crate::ops::loss::vectors::{self, Triplets};
use crate::ops::loss::{Reduction, elements};
use crate::tensor::Tensor;

/// Probabilities whose gradient is asked for.
fn shares(s: &Sizes, letters: &str) -> Value {
    crate::ops::sigmoid(s.x(letters))
}

/// Of labels of nothing, for sequences of no steps.
fn nothing(s: &Sizes) -> Alignments {
    Alignments::new(&s.zeros("BS"), &s.zeros("B"), &s.zeros("B"), 0)
}

const TRIPLETS: Triplets = Triplets { margin: 1.0, p: 2.0, eps: 1e-6, swap: true, reduction: Reduction::Each };

const SMOOTH: Classes<'_> = Classes { label_smoothing: 0.1, reduction: Reduction::Each, ..Classes::DEFAULT };

pub(super) const CASES: &[Case] = &[
    ("ops/loss/classes::cross_entropy", |s| {
        classes::cross_entropy(&s.x("AC"), Targets::Labels(&s.zeros("A")), &Classes::DEFAULT).into()
    }),
    ("ops/loss/classes::cross_entropy", |s| {
        classes::cross_entropy(&s.x("ACHW"), Targets::Labels(&s.zeros("AHW")), &SMOOTH).into()
    }),
    ("ops/loss/classes::cross_entropy", |s| {
        classes::cross_entropy(&s.x("ACH"), Targets::Probabilities(&s.x("ACH")), &SMOOTH).into()
    }),
    ("try_cross_entropy", |s| {
        let labels = Tensor::<(Dyn,), i64>::wrap(s.zeros("A").into());
        Tensor::<(Dyn, Dyn)>::wrap(s.x("AC")).try_cross_entropy(&labels).map(Tensor::into_value).into()
    }),
    ("ops/loss/classes::nll", |s| classes::nll(&s.x("ACH"), &s.zeros("AH"), &SMOOTH).into()),
    ("ops/loss/classes::surprise", |s| classes::surprise(s.x("AB"), s.x("AB")).into()),
    ("ops/loss/classes::multi_margin", |s| {
        classes::multi_margin(&s.x("AC"), &s.zeros("A"), 2, 1.0, &Classes::DEFAULT).into()
    }),
    ("ops/loss/ctc::ctc", |s| {
        let (targets, lengths) = (s.zeros("BS"), s.zeros("B"));
        let said = Said { targets: &targets, input_lengths: &lengths, target_lengths: &lengths, blank: 0 };
        ctc(&s.x("TBC"), &said, true, Reduction::Mean).into()
    }),
    ("ops/loss/elements::mse", |s| elements::mse(&s.x("AB"), &s.x("AB"), Reduction::Mean).into()),
    ("ops/loss/elements::mse", |s| elements::mse(&s.x("AB"), &s.x("AB"), Reduction::Each).into()),
    ("ops/loss/elements::l1", |s| elements::l1(&s.x("AB"), &s.x("AB"), Reduction::Sum).into()),
    ("ops/loss/elements::absolute_error", |s| elements::absolute_error(s.x("AB"), s.x("AB")).into()),
    ("ops/loss/elements::huber", |s| elements::huber(&s.x("AB"), &s.x("AB"), 1.0, Reduction::Mean).into()),
    ("ops/loss/elements::huber_error", |s| elements::huber_error(s.x("AB"), s.x("AB"), 1.0, 1.0).into()),
    ("ops/loss/elements::smooth_l1", |s| elements::smooth_l1(&s.x("AB"), &s.x("AB"), 0.5, Reduction::Each).into()),
    ("ops/loss/elements::kl_div", |s| elements::kl_div(&s.x("AB"), &s.x("AB"), true, Reduction::BatchMean).into()),
    ("ops/loss/elements::divergence", |s| elements::divergence(s.x("AB"), s.x("AB")).into()),
    ("ops/loss/elements::divergence_of_logs", |s| elements::divergence_of_logs(s.x("AB"), s.x("AB")).into()),
    ("ops/loss/elements::binary_cross_entropy", |s| {
        elements::binary_cross_entropy(&shares(s, "AB"), &shares(s, "AB"), Some(&s.x("B")), Reduction::Mean).into()
    }),
    ("ops/loss/elements::probability_slope", |s| elements::probability_slope(s.x("AB"), s.x("AB"), s.x("AB")).into()),
    ("ops/loss/elements::target_slope", |s| elements::target_slope(s.x("AB"), s.x("AB")).into()),
    ("ops/loss/elements::bce_with_logits", |s| {
        elements::bce_with_logits(&s.x("AB"), &s.array("AB").into(), [None, None], Reduction::Mean).into()
    }),
    ("ops/loss/elements::bce_with_logits", |s| {
        elements::bce_with_logits(&s.x("AB"), &s.x("AB"), [Some(&s.x("B")), Some(&s.x("A1"))], Reduction::Each).into()
    }),
    ("ops/loss/elements::logits_error", |s| elements::logits_error(s.x("AB"), s.x("AB"), s.x("B")).into()),
    ("ops/loss/elements::hinge_embedding", |s| {
        elements::hinge_embedding(&s.x("AB"), &s.of("AB", |_| 1i64), 1.0, Reduction::Mean).into()
    }),
    ("ops/loss/vectors::cosine_embedding", |s| {
        vectors::cosine_embedding(&s.x("AB"), &s.x("AB"), &s.of("A", |_| -1i64), 0.0, Reduction::Each).into()
    }),
    ("ops/loss/vectors::triplet_margin", |s| {
        vectors::triplet_margin(&s.x("AB"), &s.x("AB"), &s.x("AB"), &TRIPLETS).into()
    }),
    ("kernels/loss::check_labels", |s| {
        let _ = kernel::check_labels(&s.zeros("A"), s.dims("C").get(0), Some(-1));
        super::Made::Nothing
    }),
    ("kernels/loss::label_weights", |s| kernel::label_weights(&s.zeros("AB"), &s.array("1")).into()),
    ("kernels/loss::pick", |s| kernel::pick(&s.array("A1H"), &s.zeros("AH")).into()),
    ("kernels/loss::put", |s| kernel::put(&s.array("AH"), &s.zeros("AH"), 3).into()),
    ("kernels/loss::cross_entropy", |s| {
        kernel::cross_entropy(&s.array("A1"), &s.zeros("A"), None, 1.0, false, true).1.expect("asked for").into()
    }),
    ("kernels/loss::cross_entropy", |s| {
        kernel::cross_entropy(&s.array("A1"), &s.zeros("A"), None, 1.0, true, false).0.into()
    }),
    ("kernels/loss::binary_cross_entropy", |s| kernel::binary_cross_entropy(s.array("AB"), &s.array("AB")).into()),
    ("kernels/loss::bce_with_logits", |s| kernel::bce_with_logits(&s.array("AB"), &s.array("AB"), 1.0).into()),
    ("kernels/loss::bce_with_logits_grad", |s| kernel::bce_with_logits_grad(s.array("AB"), &s.array("AB"), 1.0).into()),
    ("kernels/loss::squared_error", |s| kernel::squared_error(&s.array("AB"), &s.array("AB"), 1.0).into()),
    ("kernels/loss::ctc", |s| kernel::ctc(&s.array("TBC"), &nothing(s)).into()),
    ("kernels/loss::ctc_grad", |s| kernel::ctc_grad(&s.array("TBC"), &nothing(s), &s.array("B")).into()),
    ("kernels/loss::ctc_hessian", |s| {
        kernel::ctc_hessian(&s.array("TBC"), &s.array("TBC"), &nothing(s), &s.array("B")).into()
    }),
];
