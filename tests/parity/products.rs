//! Products whose batches broadcast and sums of products by letters, by the cases of `goldens/products.json`, with the checks of
//! `operations.rs`.

use crate::operations::{check_coverage, tests_of};
use crate::ops::Inputs;
use fusion::Value;
use fusion::internals::ops::einsum::einsum;
use fusion::internals::ops::{matmul, outer};

const OPERATIONS: [&str; 4] = ["product", "outer", "inner", "einsum"];

/// Is it an operation of this file?
pub fn is_one(op: &str) -> bool {
    OPERATIONS.contains(&op)
}

/// The result of `op`, which is one of this file.
pub fn apply(op: &str, inputs: &Inputs<'_>) -> Value {
    match op {
        "einsum" => by_letters(inputs),
        "outer" => outer(inputs.value(0), inputs.value(1)),
        _ => matmul(inputs.value(0), inputs.value(1)),
    }
}

/// The macro reads subscripts that are written in the program; here they are read as it does.
fn by_letters(inputs: &Inputs<'_>) -> Value {
    let subscripts = inputs.params()["subscripts"].as_str().expect("subscripts");
    let (terms, result) = match subscripts.split_once("->") {
        Some((terms, result)) => (terms, result.to_owned()),
        None => {
            let once = |letter: &char| subscripts.matches(*letter).count() == 1;
            let mut letters: Vec<char> = subscripts.chars().filter(|c| *c != ',').filter(once).collect();
            letters.sort_unstable();
            (subscripts, letters.into_iter().collect())
        }
    };
    let values: Vec<Value> = (0..inputs.count()).map(|i| inputs.value(i)).collect();
    einsum(&values.iter().zip(terms.split(',')).collect::<Vec<_>>(), &result)
}

const FILE: &str = "products.json";

tests_of!(FILE);

#[test]
fn no_operation_is_forgotten() {
    check_coverage(FILE, &OPERATIONS);
}
