//! Element-wise functions of one input.

use super::binary::{div, mul, mul_scalar};
use crate::graph::{Value, record, will_record};
use crate::kernels::{Array, elementwise as kernel};
use crate::tensor::{Float, Tensor};

/// e to the power of `x`.
#[track_caller]
pub fn exp(x: Value) -> Value {
    let (x, link) = x.into_parts();
    record("exp", [&link], kernel::exp(x), |y| {
        let y = y.clone();
        move |g, cx| [Some(mul(g, &cx.output(&y)))]
    })
}

/// The natural logarithm: `-inf` at 0 (gradient `inf`), NaN below.
#[track_caller]
pub fn ln(x: Value) -> Value {
    of_input("ln", x, kernel::ln, |g, x| div(g, &x))
}

/// The sine; `x` in radians.
#[track_caller]
pub fn sin(x: Value) -> Value {
    of_input("sin", x, kernel::sin, |g, x| mul(g, &cos(x)))
}

/// The cosine; `x` in radians.
#[track_caller]
pub fn cos(x: Value) -> Value {
    of_input("cos", x, kernel::cos, |g, x| mul(g, &mul_scalar(sin(x), -1.0)))
}

/// The square root: NaN below 0; the gradient at 0 is `inf`.
#[track_caller]
pub fn sqrt(x: Value) -> Value {
    let (x, link) = x.into_parts();
    record("sqrt", [&link], kernel::sqrt(x), |y| {
        let y = y.clone();
        move |g, cx| [Some(div(g, &mul_scalar(cx.output(&y), 2.0)))]
    })
}

/// `x * x`.
#[track_caller]
pub fn square(x: Value) -> Value {
    of_input("square", x, kernel::square, |g, x| mul(g, &mul_scalar(x, 2.0)))
}

/// `x` to a constant power, for which there is no gradient.
#[track_caller]
pub fn pow(x: Value, exponent: f64) -> Value {
    of_input(
        "pow",
        x,
        move |x| kernel::pow_scalar(x, exponent),
        move |g, x| {
            // A constant has gradient 0, also where x^-1 or the incoming gradient is infinite.
            if exponent == 0.0 { zeros_like(&g) } else { mul(g, &mul_scalar(pow(x, exponent - 1.0), exponent)) }
        },
    )
}

/// Zeros, whatever the elements of `x` are.
fn zeros_like(x: &Value) -> Value {
    Array::full_float(x.dtype(), 0.0, *x.shape()).into()
}

/// An operation whose gradient is computed from its input.
#[track_caller]
pub(super) fn of_input(
    name: &'static str,
    x: Value,
    kernel: impl FnOnce(Array) -> Array,
    rule: impl Fn(Value, Value) -> Value + Send + Sync + 'static,
) -> Value {
    let (x, link) = x.into_parts();
    let saved = will_record(&[&link]).then(|| x.clone());
    record(name, [&link], kernel(x), |_| {
        let x = saved.expect("recorded");
        move |g, cx| [Some(rule(g, cx.input(0, &x)))]
    })
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl<S, T: Float> Tensor<S, T> { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(&self) -> Self {
                Self::wrap($name(self.value().clone()))
            }
        )* }
    };
}
methods! {
    /// e to the power of each element. PyTorch's `exp`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([0.0f32, f32::NEG_INFINITY]).exp().to_vec(), [1.0, 0.0]);
    /// ```
    exp
    /// The natural logarithm of each element: `-inf` at 0, where the gradient is `inf`; NaN below. PyTorch's `log`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([1.0f32, 0.0]).ln().to_vec(), [0.0, f32::NEG_INFINITY]);
    /// ```
    #[doc(alias = "log")]
    ln
    /// The sine of each element in radians. PyTorch's `sin`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([0.0f32]).sin().to_vec(), [0.0]);
    /// ```
    sin
    /// The cosine of each element in radians. PyTorch's `cos`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([0.0f32]).cos().to_vec(), [1.0]);
    /// ```
    cos
    /// The square root of each element: NaN below 0; at 0 the gradient is `inf`. PyTorch's `sqrt`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([4.0f32]).sqrt().to_vec(), [2.0]);
    /// ```
    sqrt
    /// Each element times itself. PyTorch's `square`.
    ///
    /// ```
    /// let v = fusion::Tensor::from([3.0f32, 4.0]);
    /// assert_eq!((&v / v.square().sum().sqrt()).to_vec(), [0.6, 0.8]);
    /// ```
    square
}

impl<S, T: Float> Tensor<S, T> {
    /// Each element to a constant power, for which there is no gradient. PyTorch's `pow`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([2.0f32, -2.0]).pow(3.0).to_vec(), [8.0, -8.0]);
    /// ```
    #[doc(alias = "power")]
    #[track_caller]
    pub fn pow(&self, exponent: f64) -> Self {
        Self::wrap(pow(self.value().clone(), exponent))
    }
}
