//! Special functions, as SciPy has them.

use super::binary::{add, add_scalar, div, mul, mul_scalar, neg, sub};
use super::choice::choose;
use super::operand::{Meets, Operand};
use super::pairs::{Pair, methods, not_0, operation, zero};
use super::unary::{Unary, exp, functions, ln, ln_1p, of_argument, of_input, of_result, square, zeros_like};
use crate::Result;
use crate::dim::Broadcast;
use crate::graph::Value;
use crate::kernels::{Array, elementwise as kernel};
use crate::tensor::{Float, Tensor};

functions! {
    /// The logarithm of the size of the gamma function of each element: `inf` at 0 and at negative whole numbers.
    #[doc(alias = "gammaln")]
    lgamma "lgamma" [1.0, 2.0, 0.0] => [0.0, 0.0, f64::INFINITY] { of_argument |g, x| mul(g, &polygamma(x, 0)) }
    /// The inverse of the error function of each element: infinite at -1 and 1, NaN outside.
    erfinv "erfinv" [0.0, 1.0] => [0.0, f64::INFINITY] {
        of_result |g, y| mul(g, &mul_scalar(exp(square(y)), 1.0 / std::f64::consts::FRAC_2_SQRT_PI))
    }
    /// The logarithm of the probability that a standard normal variable is at most each element, right also far below 0,
    /// where that probability is too small for a number.
    log_ndtr "special.log_ndtr" [100.0, f64::NEG_INFINITY] => [0.0, f64::NEG_INFINITY] {
        of_argument |g, x| mul(g, &normal_hazard(x))
    }
    /// The modified Bessel function of the first kind and of order 0 of each element.
    i0 "special.i0" [0.0, f64::INFINITY] => [1.0, f64::INFINITY] { of_argument |g, x| mul(g, &i1(x)) }
    /// The modified Bessel function of the first kind and of order 1 of each element.
    i1 "special.i1" [0.0, f64::INFINITY] => [0.0, f64::INFINITY] {
        // i1(x) / x is 1/2 at 0.
        of_argument |g, x| {
            let elsewhere = kernel::rsub_scalar(kernel::eq_mask(x.array().clone(), &zero(&x)), 1.0);
            let half = add_scalar(zeros_like(&x), 0.5);
            mul(g, &sub(i0(x.clone()), &choose(div(i1(x.clone()), &not_0(x)), &half, elsewhere)))
        }
    }
}

operation! {
    /// `a * ln(b)`, but 0 where `a` is 0 and `b` is not NaN; there the gradient by `a` is 0 where `b` is not positive.
    xlogy [
        |g, a, b, _| {
            let (dead, nothing) = (kernel::le_mask(b.array().clone(), &zero(&b)), kernel::eq_mask(zero(&a), a.array()));
            choose(zeros_like(&g), &mul(g, &ln(b)), kernel::mul(dead, &nothing))
        },
        |g, a, b, _| mul(g, &div(a, &b))
    ]
}
methods! {
    /// Each element times the logarithm of another, but 0 where the element is 0, whatever the other is, unless NaN. There
    /// the gradient by the element is 0 if the other is not positive.
    xlogy try_xlogy "xlogy" T: [0.0, 2.0] 1.0 => [0.0, 0.0];
}

/// The density of the standard normal distribution by the probability of lying below: the slope of [`log_ndtr`].
fn normal_hazard(x: Value) -> Value {
    of_input("normal_hazard", x, kernel::normal_hazard, |g, x| {
        let y = normal_hazard(x.clone());
        neg(mul(g, &mul(add(x, &y), &y)))
    })
}

/// The derivative number `n` of the digamma function, that itself for 0.
#[track_caller]
pub fn polygamma(x: Value, n: u32) -> Value {
    let of = move |x| kernel::polygamma(x, n.into());
    of_input("polygamma", x, of, move |g, x| mul(g, &polygamma(x, n + 1)))
}

/// `ln(x / (1 - x))`.
#[track_caller]
pub fn logit(x: Value) -> Value {
    sub(ln(x.clone()), &ln_1p(neg(x)))
}

/// `-x ln(x)`: 0 at 0, negative infinity below.
#[track_caller]
pub fn entr(x: Value) -> Value {
    let of = |x: Array| {
        let x = Value::from(x);
        let below = kernel::lt_mask(x.array().clone(), &zero(&x));
        let least = Array::full_float(x.dtype(), f64::NEG_INFINITY, Default::default()).into();
        choose(neg(xlogy(x.clone(), &x)), &least, kernel::rsub_scalar(below, 1.0)).array().clone()
    };
    // By its factors the slope would be NaN at 0, where it is infinite.
    of_input("entr", x, of, |g, x| mul(g, &neg(add_scalar(ln(x), 1.0))))
}

impl<S, T: Float> Tensor<S, T> {
    /// The digamma function of each element, the slope of [`Tensor::lgamma`]: `-inf` at 0, `inf` at -0, NaN at negative whole
    /// numbers. PyTorch's `digamma`.
    ///
    /// ```
    /// let x = fusion::Tensor::from([1.0f64]);
    /// assert!((x.digamma().to_vec()[0] + 0.5772156649015329).abs() < 1e-15);
    /// ```
    #[track_caller]
    pub fn digamma(&self) -> Self {
        Self::wrap(polygamma(self.value().clone(), 0))
    }

    /// The derivative number `n` of the digamma function of each element; for `n` from 2 on NaN below -1000. PyTorch's
    /// `polygamma`.
    ///
    /// ```
    /// let x = fusion::Tensor::from([1.0f64]);
    /// assert!((x.polygamma(1).to_vec()[0] - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-14);
    /// ```
    #[track_caller]
    pub fn polygamma(&self, n: u32) -> Self {
        Self::wrap(polygamma(self.value().clone(), n))
    }

    /// `ln(x / (1 - x))` of each element, the inverse of [`Tensor::sigmoid`]: `-inf` at 0, `inf` at 1, NaN outside. PyTorch's
    /// `logit`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([0.5f32, 1.0]).logit().to_vec(), [0.0, f32::INFINITY]);
    /// ```
    #[track_caller]
    pub fn logit(&self) -> Self {
        Self::wrap(logit(self.value().clone()))
    }

    /// `-x ln(x)` of each element: 0 at 0, where the gradient is `inf`; `-inf` below, where the gradient is 0. PyTorch's
    /// `special.entr`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([1.0f32, 0.0, -1.0]).entr().to_vec(), [0.0, 0.0, f32::NEG_INFINITY]);
    /// ```
    #[track_caller]
    pub fn entr(&self) -> Self {
        Self::wrap(entr(self.value().clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::binary::rsub_scalar;
    use super::super::derivatives::{any, first_and_second};
    use super::*;

    #[test]
    fn gradients_of_functions() {
        let (unit, wide) = (any(1, &[3, 7]), mul_scalar(any(2, &[3, 7]), 3.0));
        let positive = add_scalar(mul_scalar(any(3, &[3, 7]), 0.45), 0.5);
        let all: [(fn(Value) -> Value, &Value); 8] = [
            (lgamma, &positive),
            (|x| polygamma(x, 0), &positive),
            (|x| erfinv(mul_scalar(x, 0.9)), &unit),
            (log_ndtr, &wide),
            (i0, &wide),
            (i1, &wide),
            (logit, &positive),
            (entr, &positive),
        ];
        for (f, x) in all {
            first_and_second(std::slice::from_ref(x), |x| f(x[0].clone()));
        }
        first_and_second(&[wide, rsub_scalar(2.0, positive)], |x| xlogy(x[0].clone(), &x[1]));
    }

    #[test]
    fn the_slope_of_entr_at_0() {
        let x = mul_scalar(any(1, &[1]), 0.0).watch();
        let grads = entr(x.clone()).backward(add_scalar(x.detach(), 1.0));
        assert_eq!(grads.get_value(x.link()).expect("a gradient").item(), f64::INFINITY);
    }

    /// Numbers of mpmath far out.
    #[test]
    fn far_out() {
        let at = |f: fn(Value) -> Value, x: f64| f(add_scalar(mul_scalar(any(1, &[1]), 0.0), x)).item();
        let all: [(fn(Value) -> Value, f64, f64); 7] = [
            (log_ndtr, -40.0, -804.6084420137538),
            (log_ndtr, 9.0, -1.1285884059538405e-19),
            (lgamma, 1e10, 220258509288.81058),
            (|x| polygamma(x, 0), -3.75, -1.6923885983113303),
            (|x| polygamma(x, 1), -3.75, 19.504980060599575),
            (i0, 100.0, 1.0737517071310738e42),
            (i1, -100.0, -1.0683693903381625e42),
        ];
        for (f, x, want) in all {
            assert!((at(f, x) / want - 1.0).abs() < 1e-13, "{} is not {want} at {x}", at(f, x));
        }
    }
}
