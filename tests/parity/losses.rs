//! Losses, by the cases of `goldens/losses.json`, through their types, with the checks of `operations.rs`.

use crate::golden::number;
use crate::operations::{check_coverage, tests_of};
use crate::ops::{Inputs, by_rank};
use fusion::Value;
use fusion::prelude::*;
use serde_json::Value as Json;

/// By PyTorch's names.
const LOSSES: [&str; 14] = [
    "CrossEntropyLoss",
    "NLLLoss",
    "MultiMarginLoss",
    "MSELoss",
    "L1Loss",
    "HuberLoss",
    "SmoothL1Loss",
    "KLDivLoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "HingeEmbeddingLoss",
    "CosineEmbeddingLoss",
    "TripletMarginLoss",
    "CTCLoss",
];

/// Is it an operation of this file?
pub fn is_one(op: &str) -> bool {
    LOSSES.contains(&op)
}

/// The loss with the reduction of the case, asked.
macro_rules! reduced {
    ($params:ident, $new:expr, |$loss:ident| $body:expr) => {
        match $params["reduction"].as_str() {
            Some("none") => {
                let $loss = $new.reduction(Each);
                $body.into_value()
            }
            Some("sum") => {
                let $loss = $new.reduction(Sum);
                $body.into_value()
            }
            Some("mean") => {
                let $loss = $new.reduction(Mean);
                $body.into_value()
            }
            other => unreachable!("no reduction {other:?}"),
        }
    };
}

/// `$body` with the shape of scores of a rank, and of their labels.
macro_rules! by_scores {
    ($rank:expr, $S:ident $L:ident => $body:expr) => {
        match $rank {
            2 => {
                type $S = shape![Dyn, Dyn];
                type $L = shape![Dyn];
                $body
            }
            3 => {
                type $S = shape![Dyn, Dyn, Dyn];
                type $L = shape![Dyn, Dyn];
                $body
            }
            _ => {
                type $S = shape![Dyn, Dyn, Dyn, Dyn];
                type $L = shape![Dyn, Dyn, Dyn];
                $body
            }
        }
    };
}

/// A value of the type that its rank says.
fn typed<S: Shape, T: Float>(x: Value) -> Tensor<S, T> {
    Tensor::from_value(x).expect("its rank")
}

fn whole(list: &Json) -> Vec<i64> {
    list.as_array().expect("a list").iter().map(|n| n.as_i64().expect("a whole number")).collect()
}

/// Labels with the sizes of `x` but for one axis.
fn labels<L: Shape>(params: &Json, x: &Value, without: usize) -> Tensor<L, i64> {
    let sizes: Vec<usize> = x.shape().iter().enumerate().filter(|&(axis, _)| axis != without).map(|(_, n)| n).collect();
    Tensor::from_vec_sized(whole(&params["labels"]), &sizes).expect("as many labels")
}

/// A vector of weights, if there are some.
fn weights<T: Float>(list: &Json) -> Option<Tensor<shape![Dyn], T>> {
    let numbers = list.as_array()?.iter().map(|n| T::from_f64(number(n)));
    Some(numbers.collect::<Vec<T>>().into())
}

/// The result of `op`, which is one of this file.
pub fn apply<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    let params = inputs.params();
    match op {
        "CrossEntropyLoss" | "NLLLoss" | "MultiMarginLoss" => classes::<T>(op, inputs),
        "CosineEmbeddingLoss" => {
            let [a, b] = [0, 1].map(|i| inputs.value(i));
            let loss = CosineEmbeddingLoss::new().margin(inputs.number("margin"));
            // The labels lie without the last axis as scores' do without the second.
            by_scores!(a.shape().rank(), S L => {
                let y = labels::<L>(params, &a, a.shape().rank() - 1);
                let (a, b) = (typed::<S, T>(a), typed::<S, T>(b));
                reduced!(params, loss, |loss| loss.forward(&a, &b, &y))
            })
        }
        "TripletMarginLoss" => {
            let [a, b, c] = [0, 1, 2].map(|i| inputs.value(i));
            let loss = TripletMarginLoss::new().margin(inputs.number("margin")).p(inputs.number("p"));
            let loss = loss.swap(params["swap"] == true);
            by_scores!(a.shape().rank(), S _L => {
                let (a, b, c) = (typed::<S, T>(a), typed::<S, T>(b), typed::<S, T>(c));
                reduced!(params, loss, |loss| loss.forward(&a, &b, &c))
            })
        }
        "CTCLoss" => {
            let logs = typed::<shape![Dyn, Dyn, Dyn], T>(inputs.value(0)).log_softmax(Axis::<2>);
            let rows: Vec<Vec<i64>> = params["targets"].as_array().expect("lists").iter().map(whole).collect();
            let sizes = [rows.len(), rows[0].len()];
            let targets = Tensor::<shape![Dyn, Dyn], i64>::from_vec_sized(rows.concat(), &sizes).expect("as many");
            let list = |name: &str| Tensor::<shape![Dyn], i64>::from(whole(&params[name]));
            let (steps, lengths) = (list("input_lengths"), list("target_lengths"));
            let loss = CtcLoss::new().blank(inputs.number("blank") as usize);
            let loss = loss.zero_infinity(params["zero_infinity"] == true);
            reduced!(params, loss, |loss| loss.forward(&logs, &targets, &steps, &lengths))
        }
        _ => {
            let x = inputs.value(0);
            by_rank!(x.shape().rank(), S => elements(op, typed::<S, T>(x), inputs))
        }
    }
}

/// Losses of classes.
fn classes<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    let (x, params) = (inputs.value(0), inputs.params());
    let weight = weights::<T>(&params["weight"]);
    let ignore_index = params["ignore_index"].as_i64().unwrap_or(-100);
    macro_rules! asked {
        ($new:expr, |$loss:ident| $body:expr) => {
            match &weight {
                Some(weight) => reduced!(params, $new.weight(weight), |$loss| $body),
                None => reduced!(params, $new, |$loss| $body),
            }
        };
    }
    if op == "MultiMarginLoss" {
        let loss = MultiMarginLoss::new().p(inputs.number("p") as u32).margin(inputs.number("margin"));
        let y = labels::<shape![Dyn]>(params, &x, 1);
        let x = typed::<shape![Dyn, Dyn], T>(x);
        return asked!(loss, |loss| loss.forward(&x, &y));
    }
    by_scores!(x.shape().rank(), S L => {
        if inputs.count() == 2 {
            let (x, y) = (typed::<S, T>(x), typed::<S, T>(inputs.value(1)));
            let loss = CrossEntropyLoss::new().label_smoothing(inputs.number("label_smoothing"));
            return asked!(loss, |loss| loss.forward(&x, &y));
        }
        let y = labels::<L>(params, &x, 1);
        let x = typed::<S, T>(x);
        if op == "NLLLoss" {
            return asked!(NllLoss::new().ignore_index(ignore_index), |loss| loss.forward(&x, &y));
        }
        let loss = CrossEntropyLoss::new().label_smoothing(inputs.number("label_smoothing")).ignore_index(ignore_index);
        asked!(loss, |loss| loss.forward(&x, &y))
    })
}

/// Losses of two tensors of one shape.
fn elements<S: Shape + Broadcast<shape![Dyn]>, T: Float>(op: &str, x: Tensor<S, T>, inputs: &Inputs<'_>) -> Value {
    let params = inputs.params();
    if op == "HingeEmbeddingLoss" {
        let y = labels::<S>(params, x.value(), usize::MAX);
        return reduced!(params, HingeEmbeddingLoss::new().margin(inputs.number("margin")), |loss| loss
            .forward(&x, &y));
    }
    let y = typed::<S, T>(inputs.value(1));
    match op {
        "MSELoss" => reduced!(params, MseLoss::new(), |loss| loss.forward(&x, &y)),
        "L1Loss" => reduced!(params, L1Loss::new(), |loss| loss.forward(&x, &y)),
        "HuberLoss" => {
            reduced!(params, HuberLoss::new().delta(inputs.number("delta")), |loss| loss.forward(&x, &y))
        }
        "SmoothL1Loss" => {
            reduced!(params, SmoothL1Loss::new().beta(inputs.number("beta")), |loss| loss.forward(&x, &y))
        }
        "KLDivLoss" => {
            let loss = KlDivLoss::new().log_target(params["log_target"] == true);
            if params["reduction"] == "batchmean" {
                return loss.reduction(BatchMean).forward(&x, &y).into_value();
            }
            reduced!(params, loss, |loss| loss.forward(&x, &y))
        }
        "BCELoss" => match weights::<T>(&params["weight"]) {
            Some(weight) => reduced!(params, BceLoss::new().weight(&weight), |loss| loss.forward(&x, &y)),
            None => reduced!(params, BceLoss::new(), |loss| loss.forward(&x, &y)),
        },
        _ => match weights::<T>(&params["weight"]).zip(weights::<T>(&params["pos_weight"])) {
            Some((weight, pos_weight)) => {
                let loss = BceWithLogitsLoss::new().weight(&weight).pos_weight(&pos_weight);
                reduced!(params, loss, |loss| loss.forward(&x, &y))
            }
            None => reduced!(params, BceWithLogitsLoss::new(), |loss| loss.forward(&x, &y)),
        },
    }
}

const FILE: &str = "losses.json";

tests_of!(FILE);

#[test]
fn no_operation_is_forgotten() {
    check_coverage(FILE, &LOSSES);
}
