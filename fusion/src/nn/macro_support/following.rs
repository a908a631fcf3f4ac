//! Layers that do what follows them in their own pass: what `model!` calls where its table says so.
//!
//! Types are not asked again here: what a layer gives the macro has worked out, as it has for the layer alone, and says it
//! of the result.

use crate::graph::{Trace, Value};
use crate::kernels::activation::Activation;
use crate::ops::activation::activated;
use crate::ops::binary::add;
use crate::tensor::Tensor;

/// An activation that a layer can apply before it stores its result.
pub trait Activates {
    /// Which one.
    fn activation(&self) -> Activation;
}

/// None.
impl Activates for () {
    fn activation(&self) -> Activation {
        Activation::Identity
    }
}

/// A layer that applies the activation behind it.
pub trait Followed {
    /// The activation of what the layer makes of `x`.
    fn followed(&self, x: Value, activation: Activation) -> Value;
}

/// A layer that also adds what is added to its result.
pub trait Summed: Followed {
    /// The activation of the sum of `other` and what the layer makes of `x`.
    fn summed(&self, x: Value, other: Value, activation: Activation) -> Value;
}

/// A layer, and the activation behind it. Where a trace looks at each result, they are apart, so that there is one of each.
#[track_caller]
pub fn followed<L: Followed, X, Y, T>(layer: &L, x: Tensor<X, T>, by: &impl Activates) -> Tensor<Y, T> {
    let (x, activation) = (x.into_value(), by.activation());
    Tensor::wrap(match is_apart(&x) {
        true => activated(layer.followed(x, Activation::Identity), activation),
        false => layer.followed(x, activation),
    })
}

/// The last layer of a branch, the sum of it and another branch, and the activation behind that; apart as in [`followed`].
#[track_caller]
pub fn summed<L: Summed, X, R, Y, T>(
    layer: &L,
    x: Tensor<X, T>,
    other: Tensor<R, T>,
    by: &impl Activates,
) -> Tensor<Y, T> {
    let (x, other, activation) = (x.into_value(), other.into_value(), by.activation());
    Tensor::wrap(match is_apart(&x) {
        true => activated(add(layer.followed(x, Activation::Identity), &other), activation),
        false => layer.summed(x, other, activation),
    })
}

fn is_apart(x: &Value) -> bool {
    x.traced().is_some_and(Trace::detects)
}
