//! Operations by the names that formulas have for them: what gradients of gradients are made of. Those that have no other
//! place are formulas themselves.

use crate::graph::Value;
use crate::kernels::Array;

pub use crate::ops::activation::{normal_cdf, relu, sigmoid, tanh};
pub use crate::ops::binary::neg;
pub use crate::ops::unary::{cos, exp, ln, sin, sqrt, square};

fusion_macros::operations! {
    /// The absolute value; its gradient at 0 is 0.
    pub fn abs(x) = abs(x);
    /// `1 / x`.
    pub fn recip(x) = recip(x);
    /// `1 / sqrt(x)`.
    pub fn rsqrt(x) = rsqrt(x);
    /// The sign: 0 at 0. Its gradient is 0.
    pub fn sign(x) = sign(x);
    /// `ln(1 + exp(x))`.
    pub fn softplus(x) = softplus(x);
    /// The larger, NaN where one is; where both are the same, each has half of the gradient.
    pub fn max(a, b) = max(a, b);
    /// The smaller, NaN where one is; where both are the same, each has half of the gradient.
    pub fn min(a, b) = min(a, b);
    /// `a` where the mask is 1, else `b`.
    fn choose(a, b, mask) = where_(mask == 1, a, b);
}

/// `a` where the mask, which is a constant, is 1, else `b`.
#[track_caller]
pub fn masked(a: Value, b: Value, mask: Array) -> Value {
    choose(a, b, mask.into())
}
