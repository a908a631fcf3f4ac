//! Element-wise functions of one input.

use super::binary::{add, add_scalar, div, mul, mul_scalar, rsub_scalar};
use crate::graph::{Value, record, will_record};
use crate::kernels::{Array, elementwise as kernel};
use crate::tensor::{Float, Tensor};

/// The larger of `x` and 0; the gradient at 0 is 0, at NaN that of the result (as PyTorch's).
#[track_caller]
pub fn relu(x: Value) -> Value {
    let (x, link) = x.into_parts();
    record("relu", [&link], kernel::relu(x), |y| {
        let y = y.clone();
        move |g, cx| [Some(relu_grad(g, &cx.output(&y)))]
    })
}

/// `g` where `y` is positive or NaN, else 0: the gradient of [`relu`] from its result.
pub(super) fn relu_grad(g: Value, y: &Value) -> Value {
    let y = y.array().clone();
    let (g, link) = g.into_parts();
    record("relu grad", [&link], kernel::relu_grad(g, &y), |_| move |g, _| [Some(relu_grad(g, &y.clone().into()))])
}

/// `1 / (1 + exp(-x))`, without overflow.
#[track_caller]
pub fn sigmoid(x: Value) -> Value {
    let (x, link) = x.into_parts();
    record("sigmoid", [&link], kernel::sigmoid(x), |y| {
        let y = y.clone();
        move |g, cx| {
            if !cx.is_traced() {
                return [Some(kernel::sigmoid_grad(g.into_parts().0, &y).into())];
            }
            let y = cx.output(&y);
            [Some(mul(g, &mul(rsub_scalar(1.0, y.clone()), &y)))]
        }
    })
}

/// The hyperbolic tangent.
#[track_caller]
pub fn tanh(x: Value) -> Value {
    let (x, link) = x.into_parts();
    record("tanh", [&link], kernel::tanh(x), |y| {
        let y = y.clone();
        move |g, cx| {
            if !cx.is_traced() {
                return [Some(kernel::tanh_grad(g.into_parts().0, &y).into())];
            }
            [Some(mul(g, &rsub_scalar(1.0, square(cx.output(&y)))))]
        }
    })
}

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

/// `x` where it is positive, else `x * slope`; the gradient at 0 is `slope`. PyTorch's `leaky_relu`.
#[track_caller]
pub fn leaky_relu(x: Value, slope: f64) -> Value {
    of_input(
        "leaky_relu",
        x,
        move |x| kernel::leaky_relu(x, slope),
        move |g, x| leaky_relu_grad(g, x.into_parts().0, slope),
    )
}

/// `g` where `x` is positive, else `g * slope`: the gradient of [`leaky_relu`].
fn leaky_relu_grad(g: Value, x: Array, slope: f64) -> Value {
    let (g, link) = g.into_parts();
    record("leaky_relu grad", [&link], kernel::leaky_relu_grad(g, &x, slope), |_| {
        move |g, _| [Some(leaky_relu_grad(g, x.clone(), slope))]
    })
}

/// `x` times the probability that a standard normal variable is at most `x`: the exact form, with `erf`. PyTorch's `gelu`.
///
/// Hendrycks and Gimpel, [Gaussian Error Linear Units](https://arxiv.org/abs/1606.08415), 2016.
#[track_caller]
pub fn gelu(x: Value) -> Value {
    of_input("gelu", x, kernel::gelu, |g, x| {
        if g.traced().is_none() {
            return kernel::gelu_grad(g.into_parts().0, x.array()).into();
        }
        let slope = add(normal_cdf(x.clone()), &mul(normal_density(x.clone()), &x));
        mul(g, &slope)
    })
}

/// The probability that a standard normal variable is at most `x`.
fn normal_cdf(x: Value) -> Value {
    of_input("normal_cdf", x, kernel::normal_cdf, |g, x| mul(g, &normal_density(x)))
}

/// The density of the standard normal distribution.
fn normal_density(x: Value) -> Value {
    mul_scalar(exp(mul_scalar(square(x), -0.5)), crate::kernels::simd::math::DENSITY_AT_0)
}

/// `x` times [`sigmoid`] of it, also called swish. PyTorch's `silu`.
///
/// Elfwing, Uchibe and Doya, [Sigmoid-weighted linear units](https://arxiv.org/abs/1702.03118), 2017.
#[track_caller]
pub fn silu(x: Value) -> Value {
    of_input("silu", x, kernel::silu, |g, x| {
        if g.traced().is_none() {
            return kernel::silu_grad(g.into_parts().0, x.array()).into();
        }
        let s = sigmoid(x.clone());
        let slope = add_scalar(mul(rsub_scalar(1.0, s.clone()), &x), 1.0);
        mul(g, &mul(s, &slope))
    })
}

/// Zeros, whatever the elements of `x` are.
fn zeros_like(x: &Value) -> Value {
    Array::full_float(x.dtype(), 0.0, *x.shape()).into()
}

/// An operation whose gradient is computed from its input.
#[track_caller]
fn of_input(
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
    /// The larger of each element and 0; the gradient at 0 is 0, at NaN it passes. PyTorch's `relu`.
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
    /// Each element times the probability that a standard normal variable is at most that. PyTorch's `gelu`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([0.0f32, 100.0, -100.0]).gelu().to_vec(), [0.0, 100.0, 0.0]);
    /// ```
    gelu
    /// Each element times its sigmoid, also called swish. PyTorch's `silu`.
    ///
    /// ```
    /// let y = fusion::Tensor::from([0.0f32, 100.0, -100.0]).silu().to_vec();
    /// assert!(y[..2] == [0.0, 100.0] && y[2].abs() < 1e-30);
    /// ```
    #[doc(alias = "swish")]
    silu
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

    /// Each element where it is positive, else that times `slope`, which is the gradient at 0. PyTorch's `leaky_relu`.
    ///
    /// ```
    /// assert_eq!(fusion::Tensor::from([-4.0f32, 2.0]).leaky_relu(0.25).to_vec(), [-1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn leaky_relu(&self, slope: f64) -> Self {
        Self::wrap(leaky_relu(self.value().clone(), slope))
    }
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;
    use crate::kernels::Dims;

    #[test]
    fn gradients_of_activations() {
        let x = [mul_scalar(any(1, &[3, 7]), 4.0)];
        first_and_second(&x, |x| gelu(x[0].clone()));
        first_and_second(&x, |x| silu(x[0].clone()));
        first_and_second(&x, |x| leaky_relu(x[0].clone(), 0.125));
        first_and_second(&x, |x| mul(leaky_relu(x[0].clone(), -0.5), &x[0]));
    }

    /// As PyTorch's `threshold_backward`: no gradient where the input is at most 0, and NaN is not.
    #[test]
    fn relu_passes_the_gradient_at_nan() {
        let x = Value::from(Array::from_slice(&[f64::NAN, 1.0, 0.0, -1.0], Dims::new(&[4])));
        let leaf = x.watch();
        let grads = relu(leaf.clone()).backward(Array::full(2.0, Dims::new(&[4])).into());
        assert_eq!(grads.get_value(leaf.link()).unwrap().array().to_vec::<f64>(), [2.0, 2.0, 0.0, 0.0]);
    }
}
