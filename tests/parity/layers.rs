//! The operations behind layers of images and sequences, by the cases of `goldens/layers.json`, with the checks of
//! `operations.rs`.

use crate::operations::{check_coverage, tests_of};
use crate::ops::Inputs;
use fusion::Value;
use fusion::internals::kernels::{Array, Dims};
use fusion::internals::ops::concat::{concat, slice};
use fusion::internals::ops::conv::{Window, conv_transpose2d, conv2d};
use fusion::internals::ops::{activation, binary, embedding, norm, pool, resize, upsample};
use fusion::nn::Attend;
use fusion::prelude::*;
use serde_json::Value as Json;

/// The operations of this file that `ops.json` does not have.
pub const OPERATIONS: [&str; 36] = [
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
    "relu6",
    "elu",
    "selu",
    "celu",
    "gelu_tanh",
    "softplus",
    "log_sigmoid",
    "softsign",
    "hardtanh",
    "hardsigmoid",
    "softshrink",
    "hardshrink",
    "tanhshrink",
    "prelu",
    "glu",
    "swiglu",
    "rms_norm",
    "instance_norm",
    "group_norm",
    "upsample_bilinear2d",
    "attention",
];

/// Those of which no differences are taken.
const OTHERS: [&str; 1] = ["embedding_padded"];

/// Is it an operation of this file?
pub fn is_one(op: &str) -> bool {
    OPERATIONS.contains(&op) || OTHERS.contains(&op)
}

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
pub fn apply<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    let params = inputs.params();
    let number = |name: &str| params[name].as_f64().expect("a number");
    let or = |name: &str, default: f64| params[name].as_f64().unwrap_or(default);
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
        "embedding_padded" => {
            let list = |name: &str| params[name].as_array().expect("a list").iter().map(size).collect::<Vec<_>>();
            let rows: Vec<i64> = list("indices").into_iter().map(|row| row as i64).collect();
            let rows = Array::from_slice(&rows, Dims::new(&list("of")));
            embedding::embedding_padded(&x, &rows, size(&params["padding"]))
        }
        "leaky_relu" => activation::leaky_relu(x, number("slope")),
        "relu6" => activation::relu6(x),
        "elu" => activation::elu(x, or("alpha", 1.0)),
        "selu" => activation::selu(x),
        "celu" => activation::celu(x, or("alpha", 1.0)),
        "gelu_tanh" => activation::gelu_tanh(x),
        "softplus" => activation::softplus(x, or("beta", 1.0), or("threshold", 20.0)),
        "log_sigmoid" => activation::log_sigmoid(x),
        "softsign" => activation::softsign(x),
        "hardtanh" => activation::hardtanh(x, number("min"), number("max")),
        "hardsigmoid" => activation::hardsigmoid(x),
        "softshrink" => activation::softshrink(x, number("lambd")),
        "hardshrink" => activation::hardshrink(x, number("lambd")),
        "tanhshrink" => activation::tanhshrink(x),
        "prelu" => activation::prelu(x, &rest[0]),
        "glu" => activation::glu(&x, size(&params["axis"])),
        "swiglu" => activation::swiglu(&x, size(&params["axis"])),
        "rms_norm" => norm::rms_norm(x, &rest[0], number("eps")),
        "instance_norm" => norm::instance_norm(x, rest.first(), rest.get(1), number("eps")),
        "group_norm" => norm::group_norm(x, &rest[0], &rest[1], size(&params["groups"]), number("eps")),
        "upsample_bilinear2d" => {
            upsample::upsample_bilinear2d(x, sizes(&params["scale"]), params["align_corners"] == true)
        }
        "attention" => attention::<T>(x, &rest, params),
        _ => unreachable!("no entry for {op}"),
    }
}

/// Attention of queries with keys and values, by the typed methods.
fn attention<T: Float>(query: Value, rest: &[Value], params: &Json) -> Value {
    let mask = |name: &str| {
        let list = params[name].as_array()?.iter().map(|bit| bit == true).collect();
        Some(Tensor::<(Dyn, Dyn), bool>::from_vec_sized(list, &crate::golden::sizes(&params["of"])).expect("a mask"))
    };
    let mut attend = Attend::new();
    if params["causal"] == true {
        attend = attend.causal();
    }
    if let Some(scale) = params["scale"].as_f64() {
        attend = attend.scale(scale);
    }
    macro_rules! of {
        ($S:ty, $attend:expr) => {{
            let [q, k, v] = [&query, &rest[0], &rest[1]];
            let [q, k, v] = [q, k, v].map(|x| Tensor::<$S, T>::from_value(x.clone()).expect("its rank"));
            q.scaled_dot_product_attention(&k, &v, &$attend).into_value()
        }};
    }
    macro_rules! by_mask {
        ($S:ty) => {
            match (mask("allow"), mask("hide_keys"), rest.get(2)) {
                (Some(allow), ..) => of!($S, attend.allow(&allow)),
                (_, Some(keys), _) => of!($S, attend.hide_keys(&keys)),
                (_, _, Some(bias)) => {
                    let bias = Tensor::<(Dyn, Dyn), T>::from_value(bias.clone()).expect("two axes");
                    of!($S, attend.bias(&bias))
                }
                _ => of!($S, attend),
            }
        };
    }
    match query.shape().rank() {
        3 => by_mask!((Dyn, Dyn, Dyn)),
        _ => by_mask!((Dyn, Dyn, Dyn, Dyn)),
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
