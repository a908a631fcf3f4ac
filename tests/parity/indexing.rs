//! Elements picked by indices and put back, by the cases of `goldens/indexing.json`, with the checks of `operations.rs`.

use crate::golden::sizes;
use crate::operations::{check_coverage, tests_of};
use crate::ops::Inputs;
use fusion::Value;
use fusion::internals::kernels::{Array, Dims};
use fusion::internals::ops::index::{gather, scatter};
use fusion::prelude::*;

/// Those of this file.
pub const OPERATIONS: [&str; 9] =
    ["gather", "scatter_add", "scatter", "take_along_axis", "index_select", "index_add", "take", "masked_select", "at"];

/// The result of `op`, which is one of this file.
pub fn apply<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    let (x, params) = (inputs.value(0), inputs.params());
    if op == "at" {
        return at::<T>(x, inputs);
    }
    let (by, numbers) = (Dims::new(&sizes(&params["by"])), sizes(&params["index"]));
    if op == "masked_select" {
        return gather::masked_select(&x, &Array::from_fn(by, |i| numbers[i] == 1)).expect("a mask");
    }
    let index = Array::from_fn(by, |i| numbers[i] as i64);
    if op == "take" {
        return gather::take_flat(&x, &index).expect("places");
    }
    let axis = params["axis"].as_u64().expect("an axis") as usize;
    let y = match op {
        "gather" => gather::gather(&x, axis, &index),
        "scatter_add" => scatter::scatter_add(x, axis, &index, &inputs.value(1)),
        "scatter" => scatter::scatter(x, axis, &index, &inputs.value(1)),
        "take_along_axis" => gather::take_along_axis(&x, axis, &index),
        "index_select" => gather::index_select(&x, axis, &index),
        _ => scatter::index_add(&x, axis, &index, &inputs.value(1)),
    };
    y.expect("indices")
}

/// The forms of `ix!`, beside those of Python.
fn at<T: Float>(x: Value, inputs: &Inputs<'_>) -> Value {
    let params = inputs.params();
    let (n, m) = (x.shape().get(0), x.shape().get(1));
    let x = Tensor::<(Dyn, Dyn, Dyn), T>::from_value(x).expect("three axes");
    let truths = |name: &str| sizes(&params[name]).into_iter().map(|is| is == 1).collect::<Vec<_>>();
    let mask = Tensor::<(Dyn,), bool>::from_vec_sized(truths("mask"), &[n]).expect("a mask");
    let both = Tensor::<(Dyn, Dyn), bool>::from_vec_sized(truths("both"), &[n, m]).expect("a mask");
    let rows = Tensor::<shape![2, 2], i64>::from([[2, 0], [1, 1]]);
    let (i, j) = (2, 1usize);
    macro_rules! forms {
        ($($form:literal: [$($index:tt)*];)*) => {
            match params["form"].as_str().expect("a form") {
                $($form => x.at(ix![$($index)*]).into_value(),)*
                form => unreachable!("no entry for {form}"),
            }
        };
    }
    forms! {
        "1": [1];
        "-1": [-1];
        "1:": [1..];
        ":-1": [..-1];
        "1:-1": [1..-1];
        "-2:": [-2..];
        "0:2": [0..2];
        ":, ::2": [.., ..; 2];
        "1::2, 1": [1..; 2, 1];
        ":, :, -1": [.., .., -1];
        "..., 0": [..., 0];
        "0, ..., 1": [0, ..., 1];
        "None, 1": [new, 1];
        ":, None, 1:, -1": [.., new, 1.., -1];
        "..., None": [..., new];
        "rows": [&rows];
        ":, rows": [.., &rows];
        "..., rows": [..., &rows];
        "1, rows": [1, &rows];
        ":, 1, rows": [.., 1, &rows];
        "None, rows, :, -1": [new, &rows, .., -1];
        "mask": [&mask];
        "mask, 1:": [&mask, 1..];
        "both": [&both];
        "both, -1": [&both, -1];
        "both, None": [&both, new];
        "0:0": [0..0];
        "i, j:": [i, j..];
        "j:i": [j..i];
    }
}

const FILE: &str = "indexing.json";

tests_of!(FILE);

#[test]
fn no_operation_is_forgotten() {
    check_coverage(FILE, &OPERATIONS);
}
