//! Columns shifted and scaled, whatever was learned of them.

use crate::graph::Value;
use crate::ops::binary::{add, div, mul, sub};

/// `(x - shift) / scale`, column by column.
#[track_caller]
pub(super) fn scaled(x: &Value, shift: &Value, scale: &Value) -> Value {
    check(x, shift);
    div(sub(x.clone(), shift), scale)
}

/// `x * scale + shift`, column by column.
#[track_caller]
pub(super) fn unscaled(x: &Value, shift: &Value, scale: &Value) -> Value {
    check(x, shift);
    add(mul(x.clone(), scale), shift)
}

/// Panics if `x` has other columns than what was fitted.
#[track_caller]
pub(super) fn check(x: &Value, shift: &Value) {
    let (found, want) = (x.shape().get(1), shift.shape().get(0));
    assert!(found == want, "fitted to {want} columns, and this tensor has {found}");
}
