//! Activations: functions of one element that stand between layers.
//!
//! An activation is a line of `with_activations`, and its row in the table of layers. The operation with its gradients, the
//! typed method and the layer are made of it.

use super::binary::{add_scalar, div, div_scalar, mul, neg, sub};
use super::choice::choose;
use super::concat::slice;
use super::shape::reshape;
use super::unary::{abs, clamp, leaky_relu_grad, relu_grad, square};
use crate::dim::{Chunk, HasAxis, Num};
use crate::graph::{Value, record};
use crate::kernels::activation::Activation;
use crate::kernels::{Array, Dims, elementwise as kernel};
use crate::tensor::{Float, Tensor};

/// Hands all activations that have no numbers to the macro `$m`. A line says for each what it computes, the names of its
/// layer and of its function, PyTorch's name of the layer, an example, and its formula, as in
/// [`fused!`](crate::fused).
macro_rules! with_activations {
    ($m:ident) => {
        $m! {
            /// The larger of each element and 0; the gradient at 0 is 0, at NaN it passes.
            Relu relu "ReLU" [-1.0, 2.0] => [0.0, 2.0] = relu(x);
            /// `1 / (1 + exp(-x))` of each element, for any finite `x`.
            Sigmoid sigmoid "Sigmoid" [0.0, -2000.0, 2000.0] => [0.5, 0.0, 1.0] = sigmoid(x);
            /// The hyperbolic tangent of each element.
            Tanh tanh "Tanh" [0.0, 100.0] => [0.0, 1.0] = tanh(x);
            /// Each element times the probability that a standard normal variable is at most that: the exact form, with `erf`.
            /// Hendrycks and Gimpel, [Gaussian Error Linear Units](https://arxiv.org/abs/1606.08415), 2016.
            Gelu gelu "GELU" [0.0, 100.0, -100.0] => [0.0, 100.0, 0.0] = x * normal_cdf(x);
            /// Each element times its sigmoid at `sqrt(8 / pi) * (x + 0.044715 * x^3)`, which is [`gelu`](crate::Tensor::gelu) to
            /// three digits: the form with `tanh`. Hendrycks and Gimpel, [Gaussian Error Linear
            /// Units](https://arxiv.org/abs/1606.08415), 2016.
            GeluTanh gelu_tanh "GELU(approximate=\"tanh\")" [0.0, 100.0, -100.0] => [0.0, 100.0, 0.0] = {
                // Beyond this the sigmoid is 0 or 1, and the cube of what is far beyond is infinite.
                let c = clamp(x, -30, 30);
                x * sigmoid(c * (1.5957691216057308 + 0.07135481627260025 * square(c)))
            };
            /// Each element times its sigmoid. Elfwing, Uchibe and Doya,
            /// [Sigmoid-weighted linear units](https://arxiv.org/abs/1702.03118), 2017.
            #[doc(alias = "swish")]
            Silu silu "SiLU" [0.0, 100.0] => [0.0, 100.0] = x * sigmoid(x);
            /// Each element times the hyperbolic tangent of `ln(1 + e^x)`. Misra,
            /// [Mish](https://arxiv.org/abs/1908.08681), 2019.
            Mish mish "Mish" [0.0, 100.0] => [0.0, 100.0] = x * tanh_softplus(x);
            /// Each element times a sixth of `x + 3` between 0 and 6; the gradient at -3 is 0, at 3 and at NaN it passes.
            /// Howard et al., [Searching for MobileNetV3](https://arxiv.org/abs/1905.02244), 2019.
            Hardswish hardswish "Hardswish" [-4.0, 0.0, 3.0] => [0.0, 0.0, 3.0] =
                where_(x <= -3, 0 * x, where_(x < 3, x * (x + 3) / 6, x));
        }
    };
}
pub(crate) use with_activations;

/// Hands all activations that are made of other operations to the macro `$m`, in lines as those of [`with_activations`], with
/// an expression of the value in place of the formula.
macro_rules! with_composed {
    ($m:ident) => {
        $m! {
            /// Each element between 0 and 6, and what is outside at the end that it is beyond; the gradient at both ends is 0.
            /// Howard et al., [MobileNets](https://arxiv.org/abs/1704.04861), 2017.
            Relu6 relu6 "ReLU6" [-1.0, 2.0, 7.0] => [0.0, 2.0, 6.0] = |x| hardtanh(x, 0.0, 6.0);
            /// [`elu`](crate::Tensor::elu) with an `alpha` and a scale of its own, which keep mean 0 and variance 1 through many
            /// layers. Klambauer et al., [Self-Normalizing Neural Networks](https://arxiv.org/abs/1706.02515), 2017.
            Selu selu "SELU" [0.0, -1000.0] => [0.0, -1.758_099_340_847_376_6] = |x| exponential_unit(x, SELU_SCALE * SELU_ALPHA, 1.0, SELU_SCALE);
            /// The logarithm of the sigmoid, `-ln(1 + exp(-x))`, of each element, for any finite `x`.
            LogSigmoid log_sigmoid "LogSigmoid" [1000.0, -1000.0] => [0.0, -1000.0] = |x| neg(softplus(neg(x), 1.0, f64::INFINITY));
            /// A sixth of `x + 3` between 0 and 1: a sigmoid of straight lines; the gradient at both ends and at NaN is 0. Courbariaux, Bengio
            /// and David, [BinaryConnect](https://arxiv.org/abs/1511.00363), 2015.
            Hardsigmoid hardsigmoid "Hardsigmoid" [-4.0, 0.0, 3.0] => [0.0, 0.5, 1.0] =
                |x| straight_sigmoid(x);
            /// Each element over 1 plus its absolute value.
            Softsign softsign "Softsign" [1.0, -3.0] => [0.5, -0.75] = |x| over_one_more(x);
            /// Each element less its hyperbolic tangent.
            Tanhshrink tanhshrink "Tanhshrink" [0.0, 100.0] => [0.0, 99.0] = |x| sub(x.clone(), &tanh(x));
        }
    };
}
pub(crate) use with_composed;

/// Hands all activations that have numbers to the macro `$m`. A line says for each what it computes, the names of its layer
/// and of its function, PyTorch's name of the layer, its numbers with their defaults, numbers for the example, and the
/// example.
macro_rules! with_numbers {
    ($m:ident) => {
        $m! {
            /// Each element where it is positive, else that times `negative_slope`, which is the gradient at 0.
            LeakyRelu leaky_relu "LeakyReLU" (
                /// What negative elements are multiplied by.
                negative_slope = 0.01,
            ) [0.5] [-1.0, 2.0] => [-0.5, 2.0];
            /// Each element where it is positive, else `alpha * (exp(x) - 1)`; the gradient at 0 is `alpha`. Clevert, Unterthiner
            /// and Hochreiter, [Exponential Linear Units](https://arxiv.org/abs/1511.07289), 2015.
            Elu elu "ELU" (
                /// What the result tends to, but for its sign, where elements are far below 0.
                alpha = 1.0,
            ) [2.0] [3.0, 0.0, -1000.0] => [3.0, 0.0, -2.0];
            /// Each element where it is positive, else `alpha * (exp(x / alpha) - 1)`, whose gradient at 0 is 1. Barron,
            /// [Continuously Differentiable Exponential Linear Units](https://arxiv.org/abs/1704.07483), 2017.
            Celu celu "CELU" (
                /// What the result tends to, but for its sign, where elements are far below 0.
                alpha = 1.0,
            ) [2.0] [3.0, 0.0, -1000.0] => [3.0, 0.0, -2.0];
            /// `ln(1 + exp(beta * x)) / beta`, a smooth form of ReLU, of each element; where `beta * x` is above `threshold` the
            /// element itself.
            Softplus softplus "Softplus" (
                /// How sharp the bend is.
                beta = 1.0,
                /// From where on the element itself is meant.
                threshold = 20.0,
            ) [1.0, 20.0] [1000.0, -1000.0] => [1000.0, 0.0];
            /// Each element between `min_val` and `max_val`, and what is outside at the end that it is beyond; the gradient at
            /// both ends is 0, at NaN it passes.
            Hardtanh hardtanh "Hardtanh" (
                /// The lower end.
                min_val = -1.0,
                /// The upper end.
                max_val = 1.0,
            ) [-2.0, 2.0] [-3.0, 0.5, 3.0] => [-2.0, 0.5, 2.0];
            /// Each element moved by `lambd` towards 0, at which what is nearer stays; the gradient there is 0.
            Softshrink softshrink "Softshrink" (
                /// How far elements move.
                lambd = 0.5,
            ) [0.5] [-2.0, 0.25, 2.0] => [-1.5, 0.0, 1.5];
            /// Each element, or 0 if its absolute value is at most `lambd`.
            Hardshrink hardshrink "Hardshrink" (
                /// Up to where elements are dropped.
                lambd = 0.5,
            ) [0.5] [-2.0, 0.25, 2.0] => [-2.0, 0.0, 2.0];
        }
    };
}
pub(crate) use with_numbers;

/// The operations of formulas.
macro_rules! operations {
    ($($(#[$doc:meta])* $Layer:ident $name:ident $torch:literal $x:tt => $y:tt = $formula:expr;)*) => {
        fusion_macros::operations! { $(
            $(#[$doc])*
            pub fn $name(x) = $formula;
        )* }
    };
}
with_activations!(operations);

fusion_macros::operations! {
    /// `x` where it is positive, else `x * slope`; the gradient at 0 is `slope`. PyTorch's `leaky_relu`.
    pub fn leaky_relu(x, slope: f64) = where_(x > 0, x, x * slope);
    /// The probability that a standard normal variable is at most `x`.
    pub fn normal_cdf(x) = normal_cdf(x);
    /// `x * scale` where it is positive, else `alpha * (exp(x * slope) - 1)`: ELU and its kin.
    pub fn exponential_unit(x, alpha: f64, slope: f64, scale: f64) =
        where_(x <= 0, alpha * exp_m1(where_(x <= 0, x, 0) * slope), x * scale);
    /// `x` between `min` and `max`; the gradient at both is 0. PyTorch's `hardtanh`.
    pub fn hardtanh(x, min: f64, max: f64) = clamp(x, min, max);
    /// `ln(1 + exp(beta * x)) / beta`, or `x` where `beta * x` is above `threshold`. PyTorch's `softplus`.
    pub fn softplus(x, beta: f64, threshold: f64) = where_(beta * x > threshold, x, softplus(beta * x) / beta);
}

/// The activation of each element of `x`, in a pass of its own.
#[track_caller]
pub fn activated(x: Value, activation: Activation) -> Value {
    match activation {
        Activation::Identity => x,
        Activation::Relu => relu(x),
        Activation::LeakyRelu(slope) => leaky_relu(x, slope),
    }
}

/// The gradient before an activation that [keeps the sign](Activation::keeps_sign), from that of its result `y`.
pub(super) fn activated_grad(g: Value, y: &Value, activation: Activation) -> Value {
    match activation {
        Activation::Identity => g,
        Activation::Relu => relu_grad(g, y),
        Activation::LeakyRelu(slope) => leaky_relu_grad(g, y, slope),
    }
}

/// `alpha` of SELU.
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
/// The scale of SELU.
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

/// `x` where it is positive, else `alpha * (exp(x) - 1)`. PyTorch's `elu`.
#[track_caller]
pub fn elu(x: Value, alpha: f64) -> Value {
    exponential_unit(x, alpha, 1.0, 1.0)
}

/// `x` where it is positive, else `alpha * (exp(x / alpha) - 1)`. PyTorch's `celu`.
#[track_caller]
pub fn celu(x: Value, alpha: f64) -> Value {
    exponential_unit(x, alpha, alpha.recip(), 1.0)
}

/// `x` moved by `lambd` towards 0, at which what is nearer stays. PyTorch's `softshrink`.
#[track_caller]
pub fn softshrink(x: Value, lambd: f64) -> Value {
    let inside = clamp(x.clone(), -lambd, lambd);
    let outside = far(&x, lambd);
    only(sub(x, &inside), outside)
}

/// Where the absolute value is above `lambd`, or NaN.
fn far(x: &Value, lambd: f64) -> Array {
    let bound = Array::full_float(x.dtype(), lambd, Dims::default());
    kernel::rsub_scalar(kernel::le_mask(kernel::abs(x.array().clone()), &bound), 1.0)
}

/// `x` where the mask is not 0, else 0.
#[track_caller]
fn only(x: Value, mask: Array) -> Value {
    let zero = Array::full_float(x.dtype(), 0.0, Dims::default()).into();
    choose(x, &zero, mask)
}

/// `x`, or 0 if its absolute value is at most `lambd`. PyTorch's `hardshrink`.
#[track_caller]
pub fn hardshrink(x: Value, lambd: f64) -> Value {
    let outside = far(&x, lambd);
    only(x, outside)
}

/// `(x + 3) / 6` between 0 and 1.
#[track_caller]
fn straight_sigmoid(x: Value) -> Value {
    let number = kernel::rsub_scalar(kernel::nan_mask(x.array().clone()), 1.0);
    let y = div_scalar(hardtanh(add_scalar(x.clone(), 3.0), 0.0, 6.0), 6.0);
    choose(y, &x.detach(), number)
}

/// `x / (1 + |x|)`, with a gradient that loses no digits far out.
#[track_caller]
fn over_one_more(x: Value) -> Value {
    let (x, link) = x.into_parts();
    let y = kernel::div(x.clone(), &kernel::add_scalar(kernel::abs(x.clone()), 1.0));
    record("softsign", [&link], y, |_| move |g, cx| [Some(div(g, &square(add_scalar(abs(cx.input(0, &x)), 1.0))))])
}

/// `x` where it is positive, else that times the `slope` of its channel (axis 1), `[C]`. PyTorch's `prelu`.
#[track_caller]
pub fn prelu(x: Value, slope: &Value) -> Value {
    let shape = *x.shape();
    assert!(
        shape.rank() >= 2 && *slope.shape() == [shape.get(1)][..],
        "prelu: slopes of {:?} for the channels of {shape:?}",
        slope.shape()
    );
    let mut channels = Dims::new(&[shape.get(1)]);
    (2..shape.rank()).for_each(|_| channels.push(1));
    let positive = kernel::lt_mask(Array::full_float(x.dtype(), 0.0, shape), x.array());
    // An infinite element above 0 has no part in the gradient of the slope.
    let below = only(x.clone(), kernel::rsub_scalar(positive.clone(), 1.0));
    choose(x, &mul(below, &reshape(slope.clone(), &channels)), positive)
}

/// The two halves of an axis.
#[track_caller]
fn halves(name: &str, x: &Value, axis: usize) -> [Value; 2] {
    let size = x.shape().get(axis);
    assert!(size.is_multiple_of(2), "{name}: axis {axis} of {:?} does not divide into 2 equal parts", x.shape());
    [0, 1].map(|half| slice(x.clone(), axis, half * size / 2, (half + 1) * size / 2))
}

/// The first half of an axis times the sigmoid of the second. PyTorch's `glu`.
#[track_caller]
pub fn glu(x: &Value, axis: usize) -> Value {
    let [value, gate] = halves("glu", x, axis);
    mul(value, &sigmoid(gate))
}

/// [`silu`] of the first half of an axis times the second.
#[track_caller]
pub fn swiglu(x: &Value, axis: usize) -> Value {
    let [gate, value] = halves("swiglu", x, axis);
    mul(silu(gate), &value)
}

/// Those that are made of others.
macro_rules! composed {
    ($($(#[$doc:meta])* $Layer:ident $name:ident $torch:literal $x:tt => $y:tt = |$value:ident| $made:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name($value: Value) -> Value {
            $made
        }
    )* };
}
with_composed!(composed);

/// The typed methods.
macro_rules! methods {
    ($($(#[$doc:meta])* $Layer:ident $name:ident $torch:literal $x:tt => $y:tt = $formula:expr;)*) => {
        methods! { @ $($(#[$doc])* $torch $name() $x => $y;)* }
    };
    ($($(#[$doc:meta])* $Layer:ident $name:ident $torch:literal $x:tt => $y:tt = |$value:ident| $made:expr;)*) => {
        methods! { @ $($(#[$doc])* $torch $name() $x => $y;)* }
    };
    ($(
        $(#[$doc:meta])* $Layer:ident $name:ident $torch:literal ($($(#[$about:meta])* $number:ident = $default:literal,)*)
            [$($given:literal),*] $x:tt => $y:tt;
    )*) => {
        methods! { @ $($(#[$doc])* $torch $name($($number = $given),*) $x => $y;)* }
    };
    (@ $($(#[$doc:meta])* $torch:literal $name:ident($($number:ident = $given:literal),*) $x:tt => $y:tt;)*) => {
        impl<S, T: Float> Tensor<S, T> { $(
            $(#[$doc])*
            #[doc = concat!(
                "\n\nPyTorch's `", $torch, "`.\n\n```\nlet x = fusion::Tensor::from(", stringify!($x),
                ");\nassert_eq!(x.", stringify!($name), "(", stringify!($($given),*), ").to_vec(), ", stringify!($y), ");\n```"
            )]
            #[track_caller]
            pub fn $name(&self $(, $number: f64)*) -> Self {
                Self::wrap($name(self.value().clone() $(, $number)*))
            }
        )* }
    };
}
with_activations!(methods);
with_composed!(methods);
with_numbers!(methods);

impl<S, T: Float> Tensor<S, T> {
    /// The first half of an axis times the sigmoid of the second: a value and a gate. Dauphin et al., [Language Modeling with
    /// Gated Convolutional Networks](https://arxiv.org/abs/1612.08083), 2017. PyTorch's `glu`.
    ///
    /// # Panics
    ///
    /// If a size known at run time only is odd.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y: Tensor<shape![1, 2]> = Tensor::from([[3.0, -1.0, 0.0, 100.0]]).glu(Axis::<1>);
    /// assert_eq!(y.to_vec(), [1.5, -1.0]);
    /// ```
    #[track_caller]
    pub fn glu<A>(&self, _axis: A) -> Tensor<S::With<<S::Size as Chunk<Num<2>>>::Out>, T>
    where
        S: HasAxis<A, Size: Chunk<Num<2>>>,
    {
        Tensor::wrap(glu(self.value(), S::INDEX))
    }

    /// [`silu`](Tensor::silu) of the first half of an axis times the second: a gate and a value. Shazeer, [GLU Variants Improve
    /// Transformer](https://arxiv.org/abs/2002.05202), 2020.
    ///
    /// # Panics
    ///
    /// If a size known at run time only is odd.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y: Tensor<shape![1, 2]> = Tensor::from([[0.0, 100.0, 5.0, -1.0]]).swiglu(Axis::<1>);
    /// assert_eq!(y.to_vec(), [0.0, -100.0]);
    /// ```
    #[track_caller]
    pub fn swiglu<A>(&self, _axis: A) -> Tensor<S::With<<S::Size as Chunk<Num<2>>>::Out>, T>
    where
        S: HasAxis<A, Size: Chunk<Num<2>>>,
    {
        Tensor::wrap(swiglu(self.value(), S::INDEX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{close, floats, with_each_isa};
    use crate::ops::binary::{add, mul_scalar};
    use crate::ops::derivatives::{any, first_and_second};

    /// An activation, its exact value, and the gradient from the argument, that of the result being 1.
    type Exact = (fn(Value) -> Value, fn(f64) -> f64, fn(f64) -> f64);

    /// The root of 2 / pi.
    const ROOT: f64 = 0.797_884_560_802_865_4;

    const EXACT: [Exact; 16] = [
        (relu, |x| x.max(0.0), |x| f64::from(u8::from(x > 0.0))),
        (
            hardswish,
            |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
            |x| if x.abs() < 3.0 { x / 3.0 + 0.5 } else { f64::from(u8::from(x > 0.0)) },
        ),
        (|x| leaky_relu(x, 0.25), |x| if x > 0.0 { x } else { 0.25 * x }, |x| if x > 0.0 { 1.0 } else { 0.25 }),
        (relu6, |x| x.clamp(0.0, 6.0), |x| f64::from(u8::from(x > 0.0 && x < 6.0))),
        (|x| hardtanh(x, -1.5, 2.25), |x| x.clamp(-1.5, 2.25), |x| f64::from(u8::from(x > -1.5 && x < 2.25))),
        (hardsigmoid, |x| (x + 3.0).clamp(0.0, 6.0) / 6.0, |x| f64::from(u8::from(x.abs() < 3.0)) / 6.0),
        (
            |x| elu(x, 0.5),
            |x| if x > 0.0 { x } else { 0.5 * x.exp_m1() },
            |x| if x > 0.0 { 1.0 } else { 0.5 * x.exp() },
        ),
        (
            |x| celu(x, 0.5),
            |x| if x > 0.0 { x } else { 0.5 * (2.0 * x).exp_m1() },
            |x| if x > 0.0 { 1.0 } else { (2.0 * x).exp() },
        ),
        (
            |x| softplus(x, 2.0, 8.0),
            |x| if x > 4.0 { x } else { (2.0 * x).exp().ln_1p() / 2.0 },
            |x| if x > 4.0 { 1.0 } else { 1.0 / (1.0 + (-2.0 * x).exp()) },
        ),
        (log_sigmoid, |x| -(-x).exp().ln_1p(), |x| 1.0 / (1.0 + x.exp())),
        (softsign, |x| x / (1.0 + x.abs()), |x| 1.0 / (1.0 + x.abs()).powi(2)),
        (
            gelu_tanh,
            |x| x / (1.0 + (-2.0 * ROOT * (x + 0.044_715 * x.powi(3))).exp()),
            |x| {
                let e = (-2.0 * ROOT * (x + 0.044_715 * x.powi(3))).exp();
                1.0 / (1.0 + e) + x * e / (1.0 + e).powi(2) * 2.0 * ROOT * (1.0 + 0.134_145 * x * x)
            },
        ),
        (sigmoid, |x| 1.0 / (1.0 + (-x).exp()), |x| 1.0 / ((1.0 + (-x).exp()) * (1.0 + x.exp()))),
        (tanh, f64::tanh, |x| 1.0 / x.cosh().powi(2)),
        (
            silu,
            |x| x / (1.0 + (-x).exp()),
            |x| {
                let s = 1.0 / (1.0 + (-x).exp());
                s + x * s * (1.0 - s)
            },
        ),
        (
            mish,
            |x| x * x.exp().ln_1p().tanh(),
            |x| {
                let t = x.exp().ln_1p().tanh();
                t + x * (1.0 - t * t) / (1.0 + (-x).exp())
            },
        ),
    ];

    #[test]
    fn values_and_gradients() {
        with_each_isa(|| {
            for (f, exact, slope) in EXACT {
                for n in [1, 16, 37] {
                    let x = |i: usize| (i as f64 * 0.37) % 12.0 - 6.0;
                    for single in [true, false] {
                        let dims = Dims::new(&[n]);
                        let array =
                            if single { Array::from_fn(dims, |i| x(i) as f32) } else { Array::from_fn(dims, x) };
                        let (leaf, tolerance) = (Value::from(array).watch(), if single { 1e-6 } else { 1e-14 });
                        let y = f(leaf.clone());
                        let values = y.array().clone();
                        let ones = Value::from(Array::full_float(y.dtype(), 1.0, dims));
                        let gradient = y.backward(ones).get_value(leaf.link()).unwrap().array().clone();
                        let (values, slopes) = (floats(&values), floats(&gradient));
                        for i in 0..n {
                            let x = if single { f64::from(x(i) as f32) } else { x(i) };
                            close(values[i], exact(x), tolerance);
                            close(slopes[i], slope(x), tolerance);
                        }
                    }
                }
            }
        });
    }

    #[test]
    fn ends() {
        let (nan, inf) = (f32::NAN, f32::INFINITY);
        let x = |values: &[f32]| Value::from(Array::from_slice(values, Dims::new(&[values.len()])));
        let of = |y: Value| y.array().to_vec::<f32>();
        with_each_isa(|| {
            let got = of(relu(x(&[nan, inf, -inf, -1.0])));
            assert!(got[0].is_nan() && got[1..] == [inf, 0.0, 0.0]);
            let leaf = x(&[-inf, -4.0, -3.0, 3.0, 4.0, inf, nan]).watch();
            let slopes = hardswish(leaf.clone()).backward(x(&[2.0; 7]));
            let slopes = slopes.get_value(leaf.link()).unwrap().array().to_vec::<f32>();
            assert_eq!(slopes, [0.0, 0.0, 0.0, 2.0, 2.0, 2.0, 2.0]);
            let leaky = of(leaky_relu(x(&[nan, inf, -inf, -4.0]), 0.25));
            assert!(leaky[0].is_nan() && leaky[1..] == [inf, -inf, -1.0]);
            for f in [gelu, silu, mish, hardswish] {
                let y = of(f(x(&[0.0, -1000.0, 1000.0, nan, inf])));
                assert!(y[..3] == [0.0, 0.0, 1000.0] && y[3].is_nan() && y[4] == inf, "{y:?}");
            }
        });
    }

    #[test]
    fn gradients_of_activations() {
        let x = [mul_scalar(any(1, &[3, 7]), 4.0)];
        first_and_second(&x, |x| gelu(x[0].clone()));
        first_and_second(&x, |x| silu(x[0].clone()));
        first_and_second(&x, |x| mish(x[0].clone()));
        first_and_second(&x, |x| hardswish(x[0].clone()));
        for f in [relu6, selu, gelu_tanh, log_sigmoid, softsign, hardsigmoid, tanhshrink] {
            first_and_second(&x, |x| f(x[0].clone()));
        }
        first_and_second(&x, |x| elu(x[0].clone(), 0.5));
        first_and_second(&x, |x| celu(x[0].clone(), 0.5));
        first_and_second(&x, |x| softplus(x[0].clone(), 2.0, 3.0));
        first_and_second(&x, |x| hardtanh(x[0].clone(), -1.5, 0.75));
        first_and_second(&x, |x| softshrink(x[0].clone(), 0.75));
        first_and_second(&x, |x| hardshrink(x[0].clone(), 0.75));
        let (x, slope) = (mul_scalar(any(1, &[3, 2, 4]), 4.0), any(2, &[2]));
        first_and_second(&[x.clone(), slope], |x| prelu(x[0].clone(), &x[1]));
        for axis in [1, 2] {
            first_and_second(std::slice::from_ref(&x), |x| glu(&x[0], axis));
            first_and_second(std::slice::from_ref(&x), |x| swiglu(&x[0], axis));
        }
        let x = [mul_scalar(any(1, &[3, 7]), 4.0)];
        first_and_second(&x, |x| leaky_relu(x[0].clone(), 0.125));
        first_and_second(&x, |x| mul(leaky_relu(x[0].clone(), -0.5), &x[0]));
    }

    /// Far out, where exponentials and powers overflow, neither a value nor a gradient nor a gradient of that is NaN.
    #[test]
    fn far_out() {
        type Named = (&'static str, fn(Value) -> Value);
        let all: [Named; 14] = [
            ("relu6", relu6),
            ("elu", |x| elu(x, 0.5)),
            ("selu", selu),
            ("celu", |x| celu(x, 0.5)),
            ("gelu_tanh", gelu_tanh),
            ("gelu", gelu),
            ("softplus", |x| softplus(x, 2.0, 20.0)),
            ("log_sigmoid", log_sigmoid),
            ("softsign", softsign),
            ("hardsigmoid", hardsigmoid),
            ("silu", silu),
            ("mish", mish),
            ("tanhshrink", tanhshrink),
            ("softshrink", |x| softshrink(x, 0.5)),
        ];
        let far = [1e2f32, 1e3, 1e4, 1e15, 1e25, 1e38];
        let list: Vec<f32> = far.iter().flat_map(|&x| [x, -x]).collect();
        with_each_isa(|| {
            for (name, f) in all {
                let x = Value::from(Array::from_slice(&list, Dims::new(&[12]))).watch();
                let y = f(x.clone());
                let seed = Value::from(Array::full(1f32, Dims::new(&[12])));
                let values = y.array().to_vec();
                let first = y.backward(seed.trace());
                let first = first.get_value(x.link()).expect("a gradient").clone();
                let joined = add(mul(first.clone(), &first), &mul_scalar(x.clone(), 0.0));
                let second = joined.backward(seed);
                let second = second.get_value(x.link()).map(|second| second.array().to_vec::<f32>());
                for values in [Some(values), Some(first.array().to_vec()), second].into_iter().flatten() {
                    assert!(values.iter().all(|x| x.is_finite()), "{name}: {values:?}");
                }
            }
        });
    }

    /// As PyTorch's `threshold_backward`: no gradient where the input is at most 0, and NaN is not.
    #[test]
    fn relu_passes_the_gradient_at_nan() {
        let x = Value::from(Array::from_slice(&[f64::NAN, 1.0, 0.0, -1.0], Dims::new(&[4])));
        let leaf = x.watch();
        let grads = relu(leaf.clone()).backward(Array::full(2.0, Dims::new(&[4])).into());
        assert_eq!(grads.get_value(leaf.link()).unwrap().array().to_vec::<f64>(), [2.0, 2.0, 0.0, 0.0]);
    }

    /// Marsaglia's series, with terms of one sign.
    fn by_series(x: f64) -> f64 {
        let (mut sum, mut term, mut n) = (x, x, 1.0);
        while term.abs() > 1e-18 * sum.abs() {
            n += 2.0;
            term *= x * x / n;
            sum += term;
        }
        0.5 + sum * (-0.5 * x * x).exp() * crate::kernels::simd::math::DENSITY_AT_0
    }

    #[test]
    fn normal_distribution() {
        let of = |x: Array| normal_cdf(x.into()).array().clone();
        let n = 4001;
        let x = |i: usize| (i as f64 - 2000.0) / 250.0;
        let double = of(Array::from_fn(Dims::new(&[n]), x)).to_vec::<f64>();
        let single = of(Array::from_fn(Dims::new(&[n]), |i| x(i) as f32)).to_vec::<f32>();
        for i in 0..n {
            close(double[i], by_series(x(i)), 1e-15);
            close(f64::from(single[i]), by_series(f64::from(x(i) as f32)), 2e-7);
        }
        // Far out, where the series has no digits left; from mpmath.
        for (x, want) in [(-10.0, 7.619_853_024_160_526e-24), (-30.0, 4.906_713_927_148_187e-198)] {
            let got = of(Array::full(x, Dims::new(&[1]))).to_vec::<f64>()[0];
            assert!((got / want - 1.0).abs() < 1e-12, "{got:e} is not {want:e}");
        }
        let ends = [f32::NEG_INFINITY, -1e30, 0.0, 1e30, f32::INFINITY, f32::NAN];
        let got = of(Array::from_slice(&ends, Dims::new(&[6]))).to_vec::<f32>();
        assert!(got[..5] == [0.0, 0.0, 0.5, 1.0, 1.0] && got[5].is_nan(), "{got:?}");
    }
}
