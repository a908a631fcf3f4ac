//! Comparisons, truth values, choices and parts, and more shapes for operations of other files, by the cases of
//! `goldens/further.json`, with the checks of `operations.rs`.

use crate::operations::{check_coverage, tests_of};
use crate::ops::{Inputs, by_rank};
use fusion::Value;
use fusion::internals::kernels::{Array, DType, Dims, elementwise::cast};
use fusion::internals::ops::{self, compare, index, norm, order, resize, unary};
use fusion::prelude::*;

/// Those with a gradient.
const OPERATIONS: [&str; 10] =
    ["chunk", "select", "unstack", "stack", "masked_fill", "topk", "cast", "group_norm", "zero_pad2d", "pixel_shuffle"];
/// Those without.
const TRUTHS: [&str; 14] =
    ["eq", "ne", "lt", "le", "gt", "ge", "and", "or", "xor", "not", "is_nan", "is_finite", "unique", "one_hot"];

/// Is it an operation of this file, and of no other?
pub fn is_one(op: &str) -> bool {
    OPERATIONS.contains(&op) || TRUTHS.contains(&op)
}

/// The result of `op`, which is one of this file.
pub fn apply<T: Float>(op: &str, inputs: &Inputs<'_>) -> Value {
    let params = inputs.params();
    let size = |name: &str| params[name].as_u64().expect("a whole number") as usize;
    let mut all = (0..inputs.count()).map(|i| inputs.value(i));
    let x = all.next().expect("an input");
    let rest: Vec<Value> = all.collect();
    let y = match op {
        "eq" => compare::eq(x, &rest[0]),
        "ne" => compare::ne(x, &rest[0]),
        "lt" => compare::lt(x, &rest[0]),
        "le" => compare::le(x, &rest[0]),
        "gt" => compare::gt(x, &rest[0]),
        "ge" => compare::ge(x, &rest[0]),
        "is_nan" => compare::is_nan(x),
        "is_finite" => compare::is_finite(x),
        "chunk" => chunk::<T>(x, size("axis"), size("index")),
        "and" | "or" | "xor" | "not" | "unique" => by_rank!(x.shape().rank(), S => of_tensors::<S, T>(op, x, &rest)),
        "select" => index::select(x, size("axis"), size("index")),
        "unstack" => index::unstack(x, size("axis")).swap_remove(size("index")),
        "stack" => index::stack(&[&[x], &*rest].concat(), size("axis")),
        "masked_fill" => {
            let bits = params["mask"].as_array().expect("a mask").iter().map(|bit| bit == 1).collect::<Vec<_>>();
            let sizes: Vec<usize> = x.shape().iter().collect();
            index::masked_fill(x, &Array::from_slice(&bits, Dims::new(&sizes)), inputs.number("value"))
        }
        "topk" => order::first(&x, size("axis"), size("count"), true).0,
        "cast" => ops::cast(ops::cast(x, DType::F32), T::DTYPE),
        "group_norm" => norm::group_norm(x, &rest[0], &rest[1], size("groups"), inputs.number("eps")),
        "one_hot" => {
            let labels = cast(unary::abs(x).array(), DType::I64);
            index::gather::one_hot(&labels, 3).expect("classes")
        }
        "pixel_shuffle" => {
            let images = Tensor::<(Dyn, Dyn, Dyn, Dyn), T>::from_value(x).expect("four axes");
            PixelShuffle::<dim!(2)>::new().forward(images).into_value()
        }
        "zero_pad2d" => resize::zero_pad2d(x, size("padding")),
        _ => unreachable!("no entry for {op}"),
    };
    if OPERATIONS.contains(&op) { y } else { cast(y.array(), T::DTYPE).into() }
}

/// What the methods of tensors have and no function.
fn of_tensors<S: Shape, T: Float>(op: &str, x: Value, rest: &[Value]) -> Value {
    let x = Tensor::<S, T>::from_value(x).expect("its rank");
    let truth = |x: &Tensor<S, T>| {
        Tensor::<S, bool>::from_value(compare::ne(x.value().clone(), &x.zeros_like().into_value())).expect("its rank")
    };
    let other = || truth(&Tensor::from_value(rest[0].clone()).expect("its rank"));
    match op {
        "and" => (truth(&x) & other()).into_value(),
        "or" => (truth(&x) | other()).into_value(),
        "xor" => (truth(&x) ^ other()).into_value(),
        "not" => (!truth(&x)).into_value(),
        _ => x.unique().into_value(),
    }
}

/// One of two parts.
fn chunk<T: Float>(x: Value, axis: usize, index: usize) -> Value {
    macro_rules! along {
        ($($rank:literal $axis:literal $S:ty;)*) => {
            match (x.shape().rank(), axis) {
                $(($rank, $axis) => {
                    let x = Tensor::<$S, T>::from_value(x).expect("its rank");
                    let parts: [_; 2] = x.chunk(Axis::<$axis>);
                    parts[index].value().clone()
                })*
                other => unreachable!("no entry for chunk of {other:?}"),
            }
        };
    }
    along! { 1 0 (Dyn,); 2 0 (Dyn, Dyn); 2 1 (Dyn, Dyn); 3 1 (Dyn, Dyn, Dyn); 4 3 (Dyn, Dyn, Dyn, Dyn); }
}

const FILE: &str = "further.json";

tests_of!(FILE);

#[test]
fn no_operation_is_forgotten() {
    // Differences of numbers that are rounded to `f32` say nothing.
    check_coverage(FILE, &OPERATIONS.into_iter().filter(|&op| op != "cast").collect::<Vec<_>>());
}
