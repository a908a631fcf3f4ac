//! Operations by the names that formulas have for them: what gradients of gradients are made of. Those that have no other
//! place are formulas themselves.

pub use crate::ops::activation::{normal_cdf, relu, sigmoid, tanh};
pub use crate::ops::binary::neg;
pub use crate::ops::unary::{
    abs, acos, asin, atan, ceil, cos, cosh, erf, exp, exp_m1, floor, ln, ln_1p, log2, recip, round, rsqrt, sign, sin,
    sinh, sqrt, square, tan, trunc,
};

fusion_macros::operations! {
    /// `ln(1 + exp(x))`.
    pub fn softplus(x) = softplus(x);
    /// `tanh(ln(1 + exp(x)))`.
    pub fn tanh_softplus(x) = tanh_softplus(x);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::derivatives::{any, first_and_second};

    #[test]
    fn gradients_and_their_gradients() {
        let x = [any(1, &[3, 7])];
        first_and_second(&x, |x| softplus(x[0].clone()));
        first_and_second(&x, |x| tanh_softplus(x[0].clone()));
        first_and_second(&x, |x| normal_cdf(x[0].clone()));
    }
}
