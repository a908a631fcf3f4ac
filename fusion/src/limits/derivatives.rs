//! The gradients of every operation, and the gradients of those, against differences.

use super::{Case, Made, Sizes, call, cases};
use crate::graph::Value;
use crate::kernels::testing::noise;
use crate::kernels::{Array, DType};
use crate::ops::derivatives::first_and_second;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What differences do not tell the gradient of, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("ops/choice::choose", "the mask of the case has other numbers than 0 and 1"),
    ("ops/norm/batch::batch_norm_with", "the variances of the case are below 0"),
];

/// The operands of a case that want a gradient, as numbers between 0.2 and 0.8, where every function has a value; none if its result has no gradient.
fn operands((name, case): Case) -> Vec<Value> {
    let sizes = Sizes::new(&[]);
    sizes.given.replace(Some(Vec::new()));
    sizes.wanted.set(Some(|x| x.watch()));
    let Ok(Made::Value(y)) = call(name, &sizes, case) else { return Vec::new() };
    if y.dtype() != DType::F64 || !y.link().wants_gradient() {
        return Vec::new();
    }
    let fill =
        |(k, leaf): (usize, Value)| Array::from_fn(*leaf.shape(), |i| 0.5 + 0.3 * noise(i + 1000 * (k + 1))).into();
    sizes.leaves.take().into_iter().enumerate().map(fill).collect()
}

#[test]
fn gradients_of_every_operation_and_of_those() {
    let (mut wrong, mut right) = (Vec::new(), 0);
    for (name, case) in cases().into_iter().filter(|(name, _)| !LEFT_OUT.iter().any(|(left_out, _)| left_out == name)) {
        let operands = operands((name, case));
        if operands.is_empty() {
            continue;
        }
        let value = |given: &[Value]| {
            let sizes = Sizes::new(&[]);
            sizes.given.replace(Some(given.to_vec()));
            match case(&sizes) {
                Made::Value(y) => y,
                Made::Error(error) => panic!("{error}"),
                Made::Array(_) | Made::Nothing => panic!("no value"),
            }
        };
        match catch_unwind(AssertUnwindSafe(|| first_and_second(&operands, value))) {
            Ok(()) => right += 1,
            Err(panic) => {
                let text = panic.downcast::<String>().map_or_else(|_| String::from("?"), |text| *text);
                wrong.push(format!("{name}: {text}"));
            }
        }
    }
    println!("{right} operations");
    assert!(wrong.is_empty(), "{right} operations are right, but:\n{}", wrong.join("\n"));
    assert!(right >= 150, "only {right} operations");
}
