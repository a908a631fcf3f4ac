//! Element-wise functions of one input.

use super::arithmetic::{div, mul, mul_scalar, rsub_scalar};
use crate::graph::{Value, record, records};
use crate::kernels::elementwise as kernel;
use crate::tensor::{Float, Tensor};

/// The larger of `x` and 0; the gradient at 0 is 0.
pub fn relu(x: Value) -> Value {
    let (x, link) = x.split();
    record("relu", [&link], kernel::relu(x), |y| {
        let y = y.clone();
        move |g, cx| [Some(relu_grad(g, &cx.output(&y)))]
    })
}

/// `g` where `y > 0`, else 0: the gradient of [`relu`] from its result.
pub(super) fn relu_grad(g: Value, y: &Value) -> Value {
    let y = y.array().clone();
    let (g, link) = g.split();
    record("relu grad", [&link], kernel::relu_grad(g, &y), |_| move |g, _| [Some(relu_grad(g, &y.clone().into()))])
}

/// `1 / (1 + exp(-x))`, without overflow.
pub fn sigmoid(x: Value) -> Value {
    let (x, link) = x.split();
    record("sigmoid", [&link], kernel::sigmoid(x), |y| {
        let y = y.clone();
        move |g, cx| {
            if !cx.is_traced() {
                return [Some(kernel::sigmoid_grad(g.split().0, &y).into())];
            }
            let y = cx.output(&y);
            [Some(mul(g, &mul(rsub_scalar(1.0, y.clone()), &y)))]
        }
    })
}

/// The hyperbolic tangent.
pub fn tanh(x: Value) -> Value {
    let (x, link) = x.split();
    record("tanh", [&link], kernel::tanh(x), |y| {
        let y = y.clone();
        move |g, cx| {
            if !cx.is_traced() {
                return [Some(kernel::tanh_grad(g.split().0, &y).into())];
            }
            [Some(mul(g, &rsub_scalar(1.0, square(cx.output(&y)))))]
        }
    })
}

/// e to the power of `x`.
pub fn exp(x: Value) -> Value {
    let (x, link) = x.split();
    record("exp", [&link], kernel::exp(x), |y| {
        let y = y.clone();
        move |g, cx| [Some(mul(g, &cx.output(&y)))]
    })
}

/// The natural logarithm: `-inf` at 0 (gradient `inf`), NaN below.
pub fn ln(x: Value) -> Value {
    of_input("ln", x, kernel::ln, |g, x| div(g, &x))
}

/// The sine; `x` in radians.
pub fn sin(x: Value) -> Value {
    of_input("sin", x, kernel::sin, |g, x| mul(g, &cos(x)))
}

/// The cosine; `x` in radians.
pub fn cos(x: Value) -> Value {
    of_input("cos", x, kernel::cos, |g, x| mul(g, &mul_scalar(sin(x), -1.0)))
}

/// The square root: NaN below 0; the gradient at 0 is `inf`.
pub fn sqrt(x: Value) -> Value {
    let (x, link) = x.split();
    record("sqrt", [&link], kernel::sqrt(x), |y| {
        let y = y.clone();
        move |g, cx| [Some(div(g, &mul_scalar(cx.output(&y), 2.0)))]
    })
}

/// `x * x`.
pub fn square(x: Value) -> Value {
    of_input("square", x, kernel::square, |g, x| mul(g, &mul_scalar(x, 2.0)))
}

/// `x` to a constant power, for which there is no gradient.
pub fn pow(x: Value, exponent: f64) -> Value {
    of_input(
        "pow",
        x,
        move |x| kernel::pow_scalar(x, exponent),
        move |g, x| {
            // A constant has gradient 0, also where x^-1 is infinite.
            if exponent == 0.0 { mul_scalar(g, 0.0) } else { mul(g, &mul_scalar(pow(x, exponent - 1.0), exponent)) }
        },
    )
}

/// An operation whose gradient is computed from its input.
fn of_input(
    name: &'static str,
    x: Value,
    kernel: impl FnOnce(crate::kernels::Array) -> crate::kernels::Array,
    rule: impl Fn(Value, Value) -> Value + Send + Sync + 'static,
) -> Value {
    let (x, link) = x.split();
    let saved = records(&[&link]).then(|| x.clone());
    record(name, [&link], kernel(x), |_| {
        let x = saved.expect("recorded");
        move |g, cx| [Some(rule(g, cx.input(0, &x)))]
    })
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl<S, T: Float> Tensor<S, T> { $(
            $(#[$doc])*
            pub fn $name(self) -> Self {
                Self::wrap($name(self.into_value()))
            }
        )* }
    };
}
methods! {
    /// The larger of each element and 0; the gradient at 0 is 0. PyTorch's `relu`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([-1.0f32, 2.0]).relu().to_vec(), [0.0, 2.0]);
    /// ```
    relu
    /// `1 / (1 + exp(-x))` of each element, for any finite x. PyTorch's `sigmoid`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([0.0f32, -200.0, 200.0]).sigmoid().to_vec(), [0.5, 0.0, 1.0]);
    /// ```
    sigmoid
    /// The hyperbolic tangent of each element. PyTorch's `tanh`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([0.0f32, 100.0]).tanh().to_vec(), [0.0, 1.0]);
    /// ```
    tanh
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
    /// assert_eq!(fusion::Tensor::from([-3.0f32]).square().to_vec(), [9.0]);
    /// ```
    square
}

impl<S, T: Float> Tensor<S, T> {
    /// Each element to a constant power, for which there is no gradient. PyTorch's `pow`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([2.0f32, -2.0]).pow(3.0).to_vec(), [8.0, -8.0]);
    /// ```
    pub fn pow(self, exponent: f64) -> Self {
        Self::wrap(pow(self.into_value(), exponent))
    }
}
