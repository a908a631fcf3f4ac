//! Functions of one and of two elements, by the cases of `goldens/elements.json`, with the checks of `operations.rs`.

use crate::operations::{check_coverage, tests_of};
use crate::ops::{Inputs, by_rank};
use fusion::Value;
use fusion::internals::ops::{pairs, special, unary};
use fusion::prelude::*;
use serde_json::Value as Json;

/// Functions of one element.
const UNARY: [(&str, fn(Value) -> Value); 27] = [
    ("abs", unary::abs),
    ("sign", unary::sign),
    ("rsqrt", unary::rsqrt),
    ("recip", unary::recip),
    ("exp_m1", unary::exp_m1),
    ("ln_1p", unary::ln_1p),
    ("log2", unary::log2),
    ("cos", unary::cos),
    ("tan", unary::tan),
    ("asin", unary::asin),
    ("acos", unary::acos),
    ("atan", unary::atan),
    ("sinh", unary::sinh),
    ("cosh", unary::cosh),
    ("erf", unary::erf),
    ("floor", unary::floor),
    ("ceil", unary::ceil),
    ("trunc", unary::trunc),
    ("round", unary::round),
    ("lgamma", special::lgamma),
    ("digamma", |x| special::polygamma(x, 0)),
    ("erfinv", special::erfinv),
    ("log_ndtr", special::log_ndtr),
    ("i0", special::i0),
    ("i1", special::i1),
    ("logit", special::logit),
    ("entr", special::entr),
];

/// Functions of two elements.
const BINARY: [(&str, fn(Value, &Value) -> Value); 7] = [
    ("maximum", pairs::maximum),
    ("minimum", pairs::minimum),
    ("atan2", pairs::atan2),
    ("hypot", pairs::hypot),
    ("fmod", pairs::fmod),
    ("remainder", pairs::remainder),
    ("xlogy", special::xlogy),
];

/// The result of `op`, if it is one of this file.
pub fn apply<T: Float>(op: &str, inputs: &Inputs<'_>) -> Option<Value> {
    let number = |name: &str| inputs.params()[name].as_f64();
    if let Some((_, f)) = UNARY.iter().find(|(name, _)| *name == op) {
        return Some(f(inputs.value(0)));
    }
    if let Some((_, f)) = BINARY.iter().find(|(name, _)| *name == op) {
        return Some(f(inputs.value(0), &inputs.value(1)));
    }
    match op {
        "pow" if *inputs.params() == Json::Object(Default::default()) => {
            Some(pairs::pow(inputs.value(0), &inputs.value(1)))
        }
        "polygamma" => Some(special::polygamma(inputs.value(0), number("n").expect("a number") as u32)),
        "clamp" | "nan_to_num" => {
            let x = inputs.value(0);
            Some(by_rank!(x.shape().rank(), S => {
                let x = Tensor::<S, T>::from_value(x).expect("its rank");
                let y = if op == "clamp" {
                    x.clamp(number("low"), number("high"))
                } else {
                    x.nan_to_num(number("nan").expect("a number"), None, None)
                };
                y.into_value()
            }))
        }
        "where" | "lerp" | "addcmul" => {
            let all: Vec<Value> = (0..inputs.count()).map(|i| inputs.value(i)).collect();
            Some(by_rank!(all[0].shape().rank(), S => {
                let [a, b] = [0, 1].map(|i| Tensor::<S, T>::from_value(all[i].clone()).expect("its rank"));
                let c = || Tensor::<S, T>::from_value(all[2].clone()).expect("its rank");
                let y = match op {
                    "lerp" => a.lerp(&b, &c()),
                    "addcmul" => a.addcmul(&b, &c(), number("value").expect("a number")),
                    _ => a.where_(&mask(inputs, &a), &b),
                };
                y.into_value()
            }))
        }
        _ => None,
    }
}

/// The mask of a case, of the shape of `like`.
fn mask<S: Shape, T: Float>(inputs: &Inputs<'_>, like: &Tensor<S, T>) -> Tensor<S, bool> {
    let bits = inputs.params()["mask"].as_array().expect("a mask").iter().map(|bit| bit == 1).collect();
    Tensor::from_vec_sized(bits, &like.shape()).expect("as many as elements")
}

const FILE: &str = "elements.json";

tests_of!(FILE);

#[test]
fn no_operation_is_forgotten() {
    let names = UNARY.iter().map(|(name, _)| *name).chain(BINARY.iter().map(|(name, _)| *name));
    check_coverage(
        FILE,
        &names.chain(["pow", "clamp", "nan_to_num", "where", "lerp", "addcmul", "polygamma"]).collect::<Vec<_>>(),
    );
}
