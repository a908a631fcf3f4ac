//! Activations: functions of one element that stand between layers.
//!
//! An activation is a line of `with_activations`, and its row in the table of layers. The operation with its gradients, the
//! typed method and the layer are made of it.

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

/// The operations and their typed methods.
macro_rules! operations {
    ($($(#[$doc:meta])* $Layer:ident $name:ident $torch:literal $x:tt => $y:tt = $formula:expr;)*) => {
        fusion_macros::operations! { $(
            $(#[$doc])*
            pub fn $name(x) = $formula;
        )* }

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

fusion_macros::operations! {
    /// `x` where it is positive, else `x * slope`; the gradient at 0 is `slope`. PyTorch's `leaky_relu`.
    pub fn leaky_relu(x, slope: f64) = where_(x > 0, x, x * slope);
    /// The probability that a standard normal variable is at most `x`.
    pub fn normal_cdf(x) = normal_cdf(x);
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
    use super::*;
    use crate::graph::Value;
    use crate::kernels::testing::{close, floats, with_each_isa};
    use crate::kernels::{Array, Dims};
    use crate::ops::binary::{mul, mul_scalar};
    use crate::ops::derivatives::{any, first_and_second};

    /// An activation, its exact value, and the gradient from the argument, that of the result being 1.
    type Exact = (fn(Value) -> Value, fn(f64) -> f64, fn(f64) -> f64);

    const EXACT: [Exact; 7] = [
        (relu, |x| x.max(0.0), |x| f64::from(u8::from(x > 0.0))),
        (
            hardswish,
            |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
            |x| if x.abs() < 3.0 { x / 3.0 + 0.5 } else { f64::from(u8::from(x > 0.0)) },
        ),
        (|x| leaky_relu(x, 0.25), |x| if x > 0.0 { x } else { 0.25 * x }, |x| if x > 0.0 { 1.0 } else { 0.25 }),
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
