//! Reductions, scans and orders along axes, by the cases of `goldens/reductions.json`, with the checks of `operations.rs`.

use crate::operations::{check_coverage, tests_of};
use crate::ops::Inputs;
use fusion::Value;
use fusion::internals::kernels::elementwise::cast;
use fusion::internals::ops::{order, scan, statistics};
use fusion::prelude::*;

/// Those with a gradient.
const OPERATIONS: [&str; 12] =
    ["var", "std", "norm", "logsumexp", "prod", "cumsum", "cumprod", "flip", "sort", "kthvalue", "median", "quantile"];
/// Those without.
const WHOLE: [&str; 7] = ["argsort", "histogram", "all", "any", "count_nonzero", "argmax", "argmin"];

/// Is it an operation of this file?
pub fn is_one(op: &str) -> bool {
    OPERATIONS.contains(&op) || WHOLE.contains(&op)
}

/// The result of `op`, which is one of this file.
pub fn apply<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    let (x, params) = (inputs.value(0), inputs.params());
    let axes = params["axes"].as_array().map(|axes| axes.iter().fold(0, |set, axis| set | 1 << number(axis)));
    let (axes, keep) = (axes.unwrap_or_default(), params["keep"] == true);
    let y = match op {
        "var" => statistics::var(&x, axes, keep, inputs.number("correction")),
        "std" => statistics::std(&x, axes, keep, inputs.number("correction")),
        "norm" => statistics::norm(&x, axes, keep, inputs.number("p")),
        "logsumexp" => statistics::logsumexp(&x, axes, keep),
        "prod" => statistics::prod(&x, axes, keep),
        "flip" => scan::flip(&x, axes),
        "cumsum" => scan::cumsum(&x, number(&params["axis"]), false),
        "cumprod" => scan::cumprod(&x, number(&params["axis"])),
        "sort" => order::first(&x, number(&params["axis"]), number(&params["count"]), params["descending"] == true).0,
        "argsort" => {
            let axis = number(&params["axis"]);
            order::first(&x, axis, x.shape().get(axis), params["descending"] == true).1
        }
        "histogram" => order::histogram(&x, number(&params["bins"]), -1.0, 1.0),
        "kthvalue" => order::kthvalue(&x, number(&params["axis"]), number(&params["k"])).0,
        "median" => order::median(&x, number(&params["axis"])).0,
        "quantile" => order::quantile(&x, number(&params["axis"]), inputs.number("q")),
        "all" => statistics::all(&x, axes, keep),
        "any" => statistics::any(&x, axes, keep),
        "count_nonzero" => statistics::count_nonzero(&x, axes, keep),
        _ => along::<T>(op, x, number(&params["axis"])),
    };
    if OPERATIONS.contains(&op) { y } else { cast(y.array(), T::DTYPE).into() }
}

fn number(n: &serde_json::Value) -> usize {
    n.as_u64().expect("a whole number") as usize
}

/// The result of an operation along one axis: the axis is made the last.
fn along<T: Float>(op: &str, x: Value, axis: usize) -> Value {
    let last = x.shape().rank() - 1;
    let order: Vec<usize> = (0..=last).filter(|&other| other != axis).chain([axis]).collect();
    let x = fusion::internals::ops::permute(x, &order);
    macro_rules! of {
        ($($rank:literal $S:ty),*) => {
            match last + 1 {
                $($rank => {
                    let x = Tensor::<$S, T>::from_value(x).expect("its rank");
                    match op {
                        "argmax" => x.argmax_over(Axis::<-1>),
                        _ => x.argmin_over(Axis::<-1>),
                    }
                    .into_value()
                })*
                rank => unreachable!("no case has rank {rank}"),
            }
        };
    }
    of!(1(Dyn,), 2(Dyn, Dyn), 3(Dyn, Dyn, Dyn), 4(Dyn, Dyn, Dyn, Dyn))
}

const FILE: &str = "reductions.json";

tests_of!(FILE);

#[test]
fn no_operation_is_forgotten() {
    check_coverage(FILE, &OPERATIONS);
}
