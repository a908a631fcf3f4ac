//! The operations behind layers of images and sequences, by the cases of `goldens/layers.json`, with the checks of
//! `operations.rs`.

use crate::operations::{check_coverage, tests_of};
use crate::ops::Inputs;
use fusion::Value;
use fusion::internals::kernels::{Array, Dims};
use fusion::internals::ops::concat::{concat, slice};
use fusion::internals::ops::conv::{Window, conv_transpose2d, conv2d};
use fusion::internals::ops::{activation, binary, embedding, norm, pool, resize};
use serde_json::Value as Json;

/// The operations of this file that `ops.json` does not have.
pub const OPERATIONS: [&str; 15] = [
    "conv2d",
    "conv_transpose2d",
    "max_pool2d",
    "avg_pool2d",
    "adaptive_avg_pool2d",
    "adaptive_max_pool2d",
    "batch_norm",
    "batch_norm_with",
    "layer_norm",
    "upsample_nearest2d",
    "concat",
    "concat_square",
    "slice",
    "embedding",
    "leaky_relu",
];

fn size(number: &Json) -> usize {
    number.as_u64().expect("a size") as usize
}

fn sizes<const N: usize>(list: &Json) -> [usize; N] {
    std::array::from_fn(|i| size(&list[i]))
}

fn window(params: &Json) -> Window {
    Window {
        kernel: sizes(&params["kernel"]),
        stride: sizes(&params["stride"]),
        padding: std::array::from_fn(|axis| sizes(&params["padding"][axis])),
        dilation: sizes(&params["dilation"]),
        groups: size(&params["groups"]),
    }
}

/// The result of `op`, one of [`OPERATIONS`].
pub fn apply(op: &str, inputs: &Inputs<'_>) -> Value {
    let params = inputs.params();
    let number = |name: &str| params[name].as_f64().expect("a number");
    let mut all = (0..inputs.count()).map(|i| inputs.value(i));
    let x = all.next().expect("an input");
    let rest: Vec<Value> = all.collect();
    match op {
        "conv2d" => conv2d(x, &rest[0], rest.get(1), window(params)),
        "conv_transpose2d" => {
            conv_transpose2d(x, &rest[0], rest.get(1), window(params), sizes(&params["output_padding"]))
        }
        "max_pool2d" => pool::max_pool2d(x, window(params)),
        "avg_pool2d" => pool::avg_pool2d(x, window(params)),
        "adaptive_avg_pool2d" => pool::adaptive_avg_pool2d(x, sizes(&params["size"])),
        "adaptive_max_pool2d" => pool::adaptive_max_pool2d(x, sizes(&params["size"])),
        "batch_norm" => norm::batch_norm(x, &rest[0], &rest[1], number("eps")).0,
        "batch_norm_with" => norm::batch_norm_with(x, &rest[0], &rest[1], &rest[2], &rest[3], number("eps")),
        "layer_norm" => norm::layer_norm(x, &rest[0], &rest[1], number("eps")),
        "upsample_nearest2d" => resize::upsample_nearest2d(x, sizes(&params["scale"])),
        "concat" => concat(&[&[x], &*rest].concat(), size(&params["axis"])),
        "concat_square" => {
            let y = concat(&[&[x], &*rest].concat(), size(&params["axis"]));
            binary::mul(y.clone(), &y)
        }
        "slice" => slice(x, size(&params["axis"]), size(&params["from"]), size(&params["to"])),
        "embedding" => {
            let list = |name: &str| params[name].as_array().expect("a list").iter().map(size).collect::<Vec<_>>();
            let rows: Vec<i64> = list("indices").into_iter().map(|row| row as i64).collect();
            embedding(&x, &Array::from_slice(&rows, Dims::new(&list("of"))))
        }
        "leaky_relu" => activation::leaky_relu(x, number("slope")),
        _ => unreachable!("no entry for {op}"),
    }
}

const FILE: &str = "layers.json";

tests_of!(FILE);

#[test]
fn no_operation_is_forgotten() {
    let more = ["gelu", "silu", "mish", "hardswish"];
    let all: Vec<&str> = OPERATIONS.into_iter().filter(|&op| op != "concat_square").chain(more).collect();
    check_coverage(FILE, &all);
}
