//! Activations: functions of one element that stand between layers.
//!
//! An activation is a line of `with_activations`, its formula and its gradient's in `kernels/elementwise/activation.rs`,
//! and its row in the table of layers. The rest is made of these: the operation, the typed method and the layer.

use super::binary::{add, add_scalar, div, mul, mul_scalar, rsub_scalar};
use super::unary::{Unary, exp, of_argument, of_input, of_result, relu_grad, square};
use crate::graph::{Value, record};
use crate::kernels::{Array, elementwise as kernel};
use crate::tensor::{Float, Tensor};

/// Hands all activations that have no numbers to the macro `$m`. A line says for each what it computes, the names of its
/// layer and of its function, PyTorch's name of the layer, an example, and in braces its gradient: whether that is
/// computed from the argument `x` or from the result `y`, the kernel for it, and the same in operations, which are
/// recorded where a gradient of the gradient is asked for.
macro_rules! with_activations {
    ($m:ident) => { $m! {
        /// The larger of each element and 0; the gradient at 0 is 0, at NaN it passes.
        Relu relu "ReLU" [-1.0, 2.0] => [0.0, 2.0] { of_result relu_grad |g, y| relu_grad(g, &y) }
        /// `1 / (1 + exp(-x))` of each element, for any finite `x`.
        Sigmoid sigmoid "Sigmoid" [0.0, -2000.0, 2000.0] => [0.5, 0.0, 1.0] {
            of_result sigmoid_grad |g, y| mul(g, &mul(rsub_scalar(1.0, y.clone()), &y))
        }
        /// The hyperbolic tangent of each element.
        Tanh tanh "Tanh" [0.0, 100.0] => [0.0, 1.0] { of_result tanh_grad |g, y| mul(g, &rsub_scalar(1.0, square(y))) }
        /// Each element times the probability that a standard normal variable is at most that: the exact form, with `erf`.
        /// Hendrycks and Gimpel, [Gaussian Error Linear Units](https://arxiv.org/abs/1606.08415), 2016.
        Gelu gelu "GELU" [0.0, 100.0, -100.0] => [0.0, 100.0, 0.0] {
            of_argument gelu_grad |g, x| mul(g, &add(normal_cdf(x.clone()), &mul(normal_density(x.clone()), &x)))
        }
        /// Each element times its sigmoid. Elfwing, Uchibe and Doya,
        /// [Sigmoid-weighted linear units](https://arxiv.org/abs/1702.03118), 2017.
        #[doc(alias = "swish")]
        Silu silu "SiLU" [0.0, 100.0] => [0.0, 100.0] {
            of_argument silu_grad |g, x| {
                let s = sigmoid(x.clone());
                let slope = add_scalar(mul(rsub_scalar(1.0, s.clone()), &x), 1.0);
                mul(g, &mul(s, &slope))
            }
        }
        /// Each element times the hyperbolic tangent of `ln(1 + e^x)`. Misra,
        /// [Mish](https://arxiv.org/abs/1908.08681), 2019.
        Mish mish "Mish" [0.0, 100.0] => [0.0, 100.0] { of_argument mish_grad |g, x| {
            let (s, q) = (sigmoid(x.clone()), sigmoid(mul_scalar(x.clone(), -1.0)));
            let below = add_scalar(square(q.clone()), 1.0);
            let t = div(mul(s.clone(), &add_scalar(q.clone(), 1.0)), &below);
            mul(g, &add(mul(mul(s, &square(div(mul_scalar(q, 2.0), &below))), &x), &t))
        } }
        /// Each element times a sixth of `x + 3` between 0 and 6; the gradient at -3 is 0, at 3 and at NaN it passes.
        /// Howard et al., [Searching for MobileNetV3](https://arxiv.org/abs/1905.02244), 2019.
        Hardswish hardswish "Hardswish" [-4.0, 0.0, 3.0] => [0.0, 0.0, 3.0] {
            of_argument hardswish_grad |g, x| mul(g, &hardswish_slope(x))
        }
    } };
}
pub(crate) use with_activations;

/// The operations and their typed methods.
macro_rules! operations {
    ($(
        $(#[$doc:meta])*
        $Layer:ident $name:ident $torch:literal $x:tt => $y:tt
        { $of:ident $gradient:ident |$g:ident, $at:ident| $recorded:expr }
    )*) => {
        $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(x: Value) -> Value {
                static ACTIVATION: Unary = Unary {
                    name: stringify!($name),
                    gradient: |$g, $at| $recorded,
                    fused: Some(kernel::$gradient),
                };
                let (x, link) = x.into_parts();
                let argument = $of(&x, &link);
                ACTIVATION.record(link, argument, kernel::$name(x))
            }
        )*

        impl<S, T: Float> Tensor<S, T> { $(
            $(#[$doc])*
            #[doc = concat!(
                "\n\nPyTorch's `", stringify!($name), "`.\n\n```\nlet x = fusion::Tensor::from(", stringify!($x),
                ");\nassert_eq!(x.", stringify!($name), "().to_vec(), ", stringify!($y), ");\n```"
            )]
            #[track_caller]
            pub fn $name(&self) -> Self {
                Self::wrap($name(self.value().clone()))
            }
        )* }
    };
}
with_activations!(operations);

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

/// The slope of [`hardswish`]; its own is a third between the kinks, and 0 elsewhere.
fn hardswish_slope(x: Value) -> Value {
    of_input(
        "hardswish slope",
        x,
        |x| kernel::hardswish_grad(Array::full_float(x.dtype(), 1.0, *x.shape()), &x),
        |g, x| {
            let above = relu_grad(mul_scalar(g, 1.0 / 3.0), &add_scalar(x.clone(), 3.0));
            relu_grad(above, &rsub_scalar(3.0, x))
        },
    )
}

/// The probability that a standard normal variable is at most `x`.
#[track_caller]
pub fn normal_cdf(x: Value) -> Value {
    of_input("normal_cdf", x, kernel::normal_cdf, |g, x| mul(g, &normal_density(x)))
}

/// The density of the standard normal distribution.
fn normal_density(x: Value) -> Value {
    mul_scalar(exp(mul_scalar(square(x), -0.5)), crate::kernels::simd::math::DENSITY_AT_0)
}

impl<S, T: Float> Tensor<S, T> {
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
        first_and_second(&x, |x| mish(x[0].clone()));
        first_and_second(&x, |x| hardswish(x[0].clone()));
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
