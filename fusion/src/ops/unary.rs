//! Element-wise functions of one input.
//!
//! A function is a line of the table below and its formula in `kernels/elementwise/unary.rs`; the operation and the typed
//! method are made of it. What is compiled for each is a pointer: `Unary` does the rest for all.

use super::binary::{add_scalar, div, mul, mul_scalar, neg, rsub_scalar};
use crate::graph::{Link, Value, record, will_record};
use crate::kernels::{Array, elementwise as kernel};
use crate::tensor::{Float, Tensor};

/// A function of one element at run time.
pub(super) struct Unary {
    pub name: &'static str,
    /// The gradient for an incoming one, from the argument or from the result.
    pub gradient: fn(Value, Value) -> Value,
}

impl Unary {
    /// The result `y`, recorded with the gradient from the argument that was kept, or else from `y`.
    #[track_caller]
    pub fn record(&'static self, link: Link, argument: Option<Array>, y: Array) -> Value {
        record(self.name, [&link], y, |y| {
            let from_argument = argument.is_some();
            let saved = argument.unwrap_or_else(|| y.clone());
            move |g, cx| {
                let at = if from_argument { cx.input(0, &saved) } else { cx.output(&saved) };
                [Some((self.gradient)(g, at))]
            }
        })
    }
}

/// What is kept of an argument from which the gradient is computed.
pub(super) fn of_argument(x: &Array, link: &Link) -> Option<Array> {
    will_record(&[link]).then(|| x.clone())
}

/// Nothing is kept of an argument where the gradient is computed from the result.
pub(super) fn of_result(_: &Array, _: &Link) -> Option<Array> {
    None
}

/// The operations and their typed methods. A line says for each what it computes, its name, PyTorch's, an example, and in
/// braces its gradient: whether that is computed from the argument `x` or from the result `y`, and how.
macro_rules! functions {
    ($(
        $(#[$doc:meta])*
        $name:ident $torch:literal $x:tt => $y:tt { $of:ident |$g:tt, $at:tt| $gradient:expr }
    )*) => {
        $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(x: Value) -> Value {
                static FUNCTION: Unary = Unary { name: stringify!($name), gradient: |$g, $at| $gradient };
                let (x, link) = x.into_parts();
                let argument = $of(&x, &link);
                FUNCTION.record(link, argument, kernel::$name(x))
            }
        )*

        impl<S, T: Float> Tensor<S, T> { $(
            $(#[$doc])*
            #[doc = concat!(
                "\n\nPyTorch's `", $torch, "`.\n\n```\nlet x = fusion::Tensor::from(", stringify!($x),
                ");\nassert_eq!(x.", stringify!($name), "().to_vec(), ", stringify!($y), ");\n```"
            )]
            #[track_caller]
            pub fn $name(&self) -> Self {
                Self::wrap($name(self.value().clone()))
            }
        )* }
    };
}
pub(super) use functions;

functions! {
    /// The absolute value of each element; the gradient at 0 is 0.
    abs "abs" [-2.0, 3.0] => [2.0, 3.0] { of_argument |g, x| mul(g, &sign(x)) }
    /// 1 for each positive element, -1 for each negative one, 0 for 0 and NaN. The gradient is 0.
    #[doc(alias = "signum")]
    sign "sign" [-2.0, 0.0, 3.0] => [-1.0, 0.0, 1.0] { of_result |g, _| zeros_like(&g) }
    /// Each element times itself.
    square "square" [3.0, -4.0] => [9.0, 16.0] { of_argument |g, x| mul(g, &mul_scalar(x, 2.0)) }
    /// The square root of each element: NaN below 0; at 0 the gradient is `inf`.
    sqrt "sqrt" [4.0, 0.0] => [2.0, 0.0] { of_result |g, y| div(g, &mul_scalar(y, 2.0)) }
    /// 1 by the square root of each element: `inf` at 0, where the gradient is `-inf`; NaN below.
    rsqrt "rsqrt" [4.0, 0.0] => [0.5, f64::INFINITY] {
        of_result |g, y| mul(g, &mul_scalar(mul(square(y.clone()), &y), -0.5))
    }
    /// 1 by each element: `inf` at 0, `-inf` at -0.
    #[doc(alias = "reciprocal")]
    recip "reciprocal" [4.0, -0.5] => [0.25, -2.0] { of_result |g, y| neg(mul(g, &square(y))) }
    /// e to the power of each element.
    exp "exp" [0.0, f64::NEG_INFINITY] => [1.0, 0.0] { of_result |g, y| mul(g, &y) }
    /// e to the power of each element, less 1, without the loss of digits near 0.
    #[doc(alias = "expm1")]
    exp_m1 "expm1" [0.0, 1e-20] => [0.0, 1e-20] { of_result |g, y| mul(g, &add_scalar(y, 1.0)) }
    /// The natural logarithm of each element: `-inf` at 0, where the gradient is `inf`; NaN below.
    #[doc(alias = "log")]
    ln "log" [1.0, 0.0] => [0.0, f64::NEG_INFINITY] { of_argument |g, x| div(g, &x) }
    /// The natural logarithm of 1 plus each element, without the loss of digits near 0: `-inf` at -1, where the gradient is
    /// `inf`; NaN below.
    #[doc(alias = "log1p")]
    ln_1p "log1p" [0.0, 1e-20] => [0.0, 1e-20] { of_argument |g, x| div(g, &add_scalar(x, 1.0)) }
    /// The logarithm of each element to base 2, exact for powers of 2: `-inf` at 0, where the gradient is `inf`; NaN below.
    log2 "log2" [8.0, 0.5] => [3.0, -1.0] { of_argument |g, x| div(g, &mul_scalar(x, std::f64::consts::LN_2)) }
    /// The sine of each element in radians, right for any finite size.
    sin "sin" [0.0, std::f64::consts::FRAC_PI_2] => [0.0, 1.0] { of_argument |g, x| mul(g, &cos(x)) }
    /// The cosine of each element in radians, right for any finite size.
    cos "cos" [0.0, std::f64::consts::PI] => [1.0, -1.0] { of_argument |g, x| mul(g, &neg(sin(x))) }
    /// The tangent of each element in radians, right for any finite size.
    tan "tan" [0.0, -0.0] => [0.0, -0.0] { of_result |g, y| mul(g, &add_scalar(square(y), 1.0)) }
    /// The arc sine of each element, in radians: NaN outside of -1 to 1, at which the gradient is `inf`.
    asin "asin" [0.0, 1.0] => [0.0, std::f64::consts::FRAC_PI_2] { of_argument |g, x| mul(g, &rsqrt(on_circle(x))) }
    /// The arc cosine of each element, in radians: NaN outside of -1 to 1, at which the gradient is `-inf`.
    acos "acos" [1.0, 0.0] => [0.0, std::f64::consts::FRAC_PI_2] { of_argument |g, x| neg(mul(g, &rsqrt(on_circle(x)))) }
    /// The arc tangent of each element, in radians.
    atan "atan" [0.0, f64::INFINITY] => [0.0, std::f64::consts::FRAC_PI_2] {
        of_argument |g, x| div(g, &add_scalar(square(x), 1.0))
    }
    /// The hyperbolic sine of each element.
    sinh "sinh" [0.0, f64::INFINITY] => [0.0, f64::INFINITY] { of_argument |g, x| mul(g, &cosh(x)) }
    /// The hyperbolic cosine of each element.
    cosh "cosh" [0.0, f64::INFINITY] => [1.0, f64::INFINITY] { of_argument |g, x| mul(g, &sinh(x)) }
    /// The error function of each element: `2 / sqrt(pi)` times the integral of `exp(-t^2)` from 0 to it.
    erf "erf" [0.0, 10.0, -10.0] => [0.0, 1.0, -1.0] {
        of_argument |g, x| mul(g, &mul_scalar(exp(neg(square(x))), std::f64::consts::FRAC_2_SQRT_PI))
    }
    /// The largest integer up to each element. The gradient is 0.
    floor "floor" [1.5, -1.5] => [1.0, -2.0] { of_result |g, _| zeros_like(&g) }
    /// The smallest integer from each element on. The gradient is 0.
    ceil "ceil" [1.5, -1.5] => [2.0, -1.0] { of_result |g, _| zeros_like(&g) }
    /// The integer part of each element. The gradient is 0.
    trunc "trunc" [1.5, -1.5] => [1.0, -1.0] { of_result |g, _| zeros_like(&g) }
    /// The integer nearest to each element, of two the even one. The gradient is 0.
    #[doc(alias = "round_ties_even")]
    round "round" [0.5, 1.5, -2.6] => [0.0, 2.0, -3.0] { of_result |g, _| zeros_like(&g) }
}

/// `1 - x^2`, without the loss of digits near -1 and 1.
fn on_circle(x: Value) -> Value {
    mul(rsub_scalar(1.0, x.clone()), &add_scalar(x, 1.0))
}

/// Zeros, whatever the elements of `x` are.
pub(super) fn zeros_like(x: &Value) -> Value {
    Array::full_float(x.dtype(), 0.0, *x.shape()).into()
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

/// `x` from `low` to `high`, the nearer of them where it is outside; the gradient passes between them, not at a bound nor at
/// NaN. An infinite number is no bound.
#[track_caller]
pub fn clamp(x: Value, low: f64, high: f64) -> Value {
    of_input("clamp", x, move |x| kernel::clamp(x, low, high), move |g, x| within(g, x.into_parts().0, low, high))
}

/// `g` where `x` lies between `low` and `high`, else 0.
fn within(g: Value, x: Array, low: f64, high: f64) -> Value {
    let (g, link) = g.into_parts();
    record("clamp grad", [&link], kernel::clamp_grad(g, &x, low, high), |_| {
        move |g, _| [Some(within(g, x.clone(), low, high))]
    })
}

/// `x`, but these numbers in place of NaN and of both infinities, where there is no gradient.
#[track_caller]
pub fn nan_to_num(x: Value, nan: f64, positive: f64, negative: f64) -> Value {
    let of = move |x| kernel::nan_to_num(x, nan, positive, negative);
    of_input("nan_to_num", x, of, |g, x| relu_grad(g, &kernel::finite_mask(x.into_parts().0).into()))
}

/// `g` where `y` is positive or NaN, else 0: the gradient of `relu` from its result.
pub(super) fn relu_grad(g: Value, y: &Value) -> Value {
    let y = y.array().clone();
    let (g, link) = g.into_parts();
    record("relu grad", [&link], kernel::relu_grad(g, &y), |_| move |g, _| [Some(relu_grad(g, &y.clone().into()))])
}

/// `g` where `y` is positive, else `g * slope`: the gradient of `leaky_relu` from its result, if the slope is from 0 on.
pub(super) fn leaky_relu_grad(g: Value, y: &Value, slope: f64) -> Value {
    let y = y.array().clone();
    let (g, link) = g.into_parts();
    record("leaky relu grad", [&link], kernel::leaky_relu_grad(g, &y, slope), |_| {
        move |g, _| [Some(leaky_relu_grad(g, &y.clone().into(), slope))]
    })
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

impl<S, T: Float> Tensor<S, T> {
    /// Each element from `min` to `max`, the nearer of them where it is outside; `None` for no bound. NaN stays. The
    /// gradient passes between the bounds; at one of them, and at NaN, it is 0. PyTorch's `clamp`; if `min` is above `max`, all
    /// elements are `max`.
    ///
    /// ```
    /// let x = fusion::Tensor::from([-2.0f32, 0.5, 9.0]);
    /// assert_eq!(x.clamp(-1.0, 1.0).to_vec(), [-1.0, 0.5, 1.0]);
    /// assert_eq!(x.clamp(0.0, None).to_vec(), [0.0, 0.5, 9.0]);
    /// ```
    #[doc(alias = "clip")]
    #[track_caller]
    pub fn clamp(&self, min: impl Into<Option<f64>>, max: impl Into<Option<f64>>) -> Self {
        let (min, max) = (min.into().unwrap_or(f64::NEG_INFINITY), max.into().unwrap_or(f64::INFINITY));
        Self::wrap(clamp(self.value().clone(), min, max))
    }

    /// Each element, but `nan` in place of NaN, and `posinf` and `neginf` in place of the infinities, by default the
    /// largest and the least finite number. Only finite elements have a gradient. PyTorch's `nan_to_num`.
    ///
    /// ```
    /// let x = fusion::Tensor::from([1.0f32, f32::NAN, f32::INFINITY, f32::NEG_INFINITY]);
    /// assert_eq!(x.nan_to_num(0.0, 9.0, None).to_vec(), [1.0, 0.0, 9.0, f32::MIN]);
    /// ```
    #[track_caller]
    pub fn nan_to_num(&self, nan: f64, posinf: impl Into<Option<f64>>, neginf: impl Into<Option<f64>>) -> Self {
        let most = if T::DTYPE == crate::kernels::DType::F32 { f32::MAX.into() } else { f64::MAX };
        let (posinf, neginf) = (posinf.into().unwrap_or(most), neginf.into().unwrap_or(-most));
        Self::wrap(nan_to_num(self.value().clone(), nan, posinf, neginf))
    }
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;

    #[test]
    fn gradients_of_functions() {
        // Between -1 and 1 without 0; from 1 to 5; up to 3 of either sign.
        let (unit, positive, wide) =
            (any(1, &[3, 7]), add_scalar(mul_scalar(any(2, &[3, 7]), 2.0), 3.0), any(3, &[3, 7]));
        let wide = mul_scalar(wide, 3.0);
        let of_unit = [asin, acos, ln_1p, atan, tan, floor, ceil, trunc, round, sign, abs];
        let of_positive = [sqrt, rsqrt, recip, ln, log2];
        let of_wide = [exp, exp_m1, sin, cos, atan, sinh, cosh, erf, square, abs];
        let all: [(&[fn(Value) -> Value], Value); 3] =
            [(&of_unit, mul_scalar(unit, 0.9)), (&of_positive, positive), (&of_wide, wide.clone())];
        for (functions, x) in all {
            let x = [x];
            for f in functions {
                first_and_second(&x, |x| f(x[0].clone()));
                first_and_second(&x, |x| mul(f(x[0].clone()), &x[0]));
            }
        }
        let wide = [wide];
        first_and_second(&wide, |x| clamp(mul(x[0].clone(), &x[0]), 0.5, 4.0));
        first_and_second(&wide, |x| nan_to_num(mul(x[0].clone(), &x[0]), 0.0, 1.0, -1.0));
    }

    /// The gradient of `f` at each of these numbers.
    fn slopes<const N: usize>(f: impl Fn(Value) -> Value, x: [f64; N]) -> [f64; N] {
        let shape = crate::kernels::Dims::new(&[N]);
        let leaf = Value::from(Array::from_slice(&x, shape)).watch();
        let grads = f(leaf.clone()).backward(Array::full(1.0, shape).into());
        grads.get_value(leaf.link()).expect("a gradient").array().to_vec::<f64>().try_into().expect("as many")
    }

    #[test]
    fn gradients_at_special_points() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        assert_eq!(slopes(|x| clamp(x, -1.0, 1.0), [-2.0, -1.0, 0.0, 1.0, 2.0, nan]), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
        assert_eq!(slopes(|x| nan_to_num(x, 0.0, 1.0, 2.0), [nan, inf, -inf, 3.0]), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(slopes(abs, [-2.0, 0.0, -0.0, 2.0]), [-1.0, 0.0, 0.0, 1.0]);
        assert_eq!(slopes(sqrt, [0.0]), [inf]);
        assert_eq!(slopes(ln, [0.0]), [inf]);
        assert_eq!(slopes(ln_1p, [-1.0, 0.0]), [inf, 1.0]);
        assert_eq!(slopes(asin, [-1.0, 1.0, 0.0]), [inf, inf, 1.0]);
        assert_eq!(slopes(acos, [1.0]), [-inf]);
        assert_eq!(slopes(round, [0.5, 0.3, nan]), [0.0; 3]);
        assert_eq!(slopes(|x| pow(x, 0.0), [0.0, nan]), [0.0; 2]);
    }
}
