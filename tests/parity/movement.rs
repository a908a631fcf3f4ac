//! Elements that move, are copied or left out, by the cases of `goldens/movement.json`, with the checks of `operations.rs`.

use crate::golden::number;
use crate::operations::{check_coverage, tests_of};
use crate::ops::Inputs;
use fusion::Value;
use fusion::internals::kernels::conv::Window;
use fusion::internals::kernels::{Array, Dims};
use fusion::internals::ops::{axes, order, pad, part, repeat, reshape, scan, triangle};
use fusion::prelude::*;
use fusion_rules::Fill;
use serde_json::Value as Json;

const OPERATIONS: [&str; 16] = [
    "pad",
    "roll",
    "repeat",
    "repeat_interleave",
    "meshgrid",
    "tril",
    "triu",
    "diagonal",
    "diag",
    "unfold",
    "fold",
    "slice_step",
    "movedim",
    "logcumsumexp",
    "median_of_all",
    "quantile_of_all",
];

/// Is it an operation of this file?
pub fn is_one(op: &str) -> bool {
    OPERATIONS.contains(&op)
}

/// The result of `op`, which is one of this file.
pub fn apply<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    let (x, params) = (inputs.value(0), inputs.params());
    let size = |name: &str| params[name].as_u64().expect("a size") as usize;
    let offset = |name: &str| params[name].as_i64().expect("a whole number") as isize;
    let pair = |name: &str| {
        let list = params[name].as_array().expect("two numbers");
        [&list[0], &list[1]].map(|n| n.as_i64().expect("a whole number") as isize)
    };
    match op {
        "pad" => {
            let value = Array::full(T::from_f64(number(&params["value"])), Dims::default());
            pad::pad(x, size("axis"), pair("ends"), fill(&params["fill"]), Some(&value))
        }
        "roll" => axes::roll(x, size("axis"), offset("shift")),
        "repeat" => repeat::repeat(x, size("axis"), size("times")),
        "repeat_interleave" => repeat::repeat_interleave(x, size("axis"), size("times")),
        "meshgrid" => {
            let rest: Vec<Value> = (1..inputs.count()).map(|i| inputs.value(i)).collect();
            match rest.as_slice() {
                [y] => repeat::meshgrid([x, y.clone()])[size("which")].clone(),
                [y, z] => repeat::meshgrid([x, y.clone(), z.clone()])[size("which")].clone(),
                _ => unreachable!("two or three vectors"),
            }
        }
        "tril" => triangle::tril(&x, offset("offset")),
        "triu" => triangle::triu(&x, offset("offset")),
        "diagonal" => part::diagonal(x, pair("axes").map(|axis| axis as usize), offset("offset")),
        "diag" => part::diag(x, offset("offset")),
        "unfold" => part::unfold(x, window(params)),
        "fold" => part::fold(x, pair("image").map(|n| n as usize), window(params)),
        "slice_step" => part::slice_step(x, size("axis"), size("start"), size("end"), size("step")),
        "movedim" => axes::movedim(x, size("axis"), size("to")),
        "logcumsumexp" => scan::logcumsumexp(&x, size("axis")),
        _ => {
            let n = x.shape().iter().product();
            let all = reshape(x, &Dims::new(&[n]));
            let all = Tensor::<(Dyn,), T>::from_value(all).expect("one axis");
            match op {
                "median_of_all" => all.median(),
                _ => all.quantile(inputs.number("q")),
            }
            .into_value()
        }
    }
}

fn fill(name: &Json) -> Fill {
    match name.as_str() {
        Some("constant") => Fill::Constant,
        Some("reflect") => Fill::Reflect,
        Some("replicate") => Fill::Replicate,
        _ => Fill::Circular,
    }
}

fn window(params: &Json) -> Window {
    let pair = |name: &str| [0, 1].map(|i| params[name][i].as_u64().expect("a size") as usize);
    let padding = pair("padding").map(|n| [n; 2]);
    Window { kernel: pair("kernel"), stride: pair("stride"), padding, dilation: pair("dilation"), groups: 1 }
}

const FILE: &str = "movement.json";

tests_of!(FILE);

#[test]
fn no_operation_is_forgotten() {
    check_coverage(FILE, &OPERATIONS);
}

/// What median and quantile of all are beside those along an axis.
#[test]
fn all_are_one_axis() {
    let x = Tensor::from([[3.0, 1.0], [2.0, 5.0]]);
    let (whole, of_one) = (x.median(), order::median(x.flatten().value(), 0).0);
    assert_eq!(whole.item(), Tensor::<(), f64>::from_value(of_one).expect("a number").item());
}
