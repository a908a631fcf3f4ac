//! Activations and their gradients: for each the formula, and the incoming gradient `g` times its slope, of its argument
//! `x` or of its result `y`.

use super::functions;
use crate::kernels::simd::Mask;
use crate::kernels::simd::math;

functions! {
    /// `x` where it is positive (or NaN), else 0.
    relu(x) = x.number(0.0).simd_max(x);
    /// The gradient of [`relu`]: `g` where its result `y` is positive (or NaN), else 0.
    relu_grad(g, y) = {
        let zero = g.number(0.0);
        y.simd_lt(zero).or(y.simd_eq(zero)).select(zero, g)
    };

    /// `x` where it is positive, else `x * slope`.
    leaky_relu(x; slope) = x.number(0.0).simd_lt(x).select(x, x * slope);
    /// The gradient of [`leaky_relu`]: `g` where its argument `x` is positive, else `g * slope`.
    leaky_relu_grad(g, x; slope) = x.number(0.0).simd_lt(x).select(g, g * slope);

    /// `1 / (1 + exp(-x))`.
    sigmoid(x) = x.sigmoid();
    /// The gradient of [`sigmoid`] from its result `y`: `g * y * (1 - y)`.
    sigmoid_grad(g, y) = g * (y * (y.number(1.0) - y));

    /// The hyperbolic tangent.
    tanh(x) = x.tanh();
    /// The gradient of [`tanh`] from its result `y`: `g * (1 - y * y)`.
    tanh_grad(g, y) = g * (y.number(1.0) - y * y);

    /// The probability that a standard normal variable is at most `x`.
    normal_cdf(x) = math::normal_cdf(x);
    /// `x` times [`normal_cdf`] of it.
    gelu(x) = x * math::normal_cdf(x);
    /// The gradient of [`gelu`] from its argument: `g * (normal_cdf(x) + x * density(x))`.
    gelu_grad(g, x) = g * x.mul_add(math::normal_density(x), math::normal_cdf(x));

    /// `x` times [`sigmoid`] of it.
    silu(x) = x * x.sigmoid();
    /// The gradient of [`silu`] from its argument, with `s = sigmoid(x)`: `g * s * (1 + x * (1 - s))`.
    silu_grad(g, x) = {
        let (s, one) = (x.sigmoid(), x.number(1.0));
        g * (s * x.mul_add(one - s, one))
    };

    /// `x * tanh(ln(1 + e^x))`; with `s = sigmoid(x)` and `q = sigmoid(-x)` the hyperbolic tangent is
    /// `s * (1 + q) / (1 + q * q)`, which overflows nowhere.
    mish(x) = {
        let (s, q, one) = (x.sigmoid(), (-x).sigmoid(), x.number(1.0));
        x * (s * (one + q) / q.mul_add(q, one))
    };
    /// The gradient of [`mish`] from its argument: `g * (t + x * s * (1 - t * t))` with `t` the hyperbolic tangent.
    mish_grad(g, x) = {
        let (s, q, one) = (x.sigmoid(), (-x).sigmoid(), x.number(1.0));
        let (t, r) = (s * (one + q) / q.mul_add(q, one), (q + q) / q.mul_add(q, one));
        g * (x * s).mul_add(r * r, t)
    };

    /// `x` times a sixth of `x + 3` between 0 and 6.
    hardswish(x) = {
        let (zero, six) = (x.number(0.0), x.number(6.0));
        x * (six.simd_min(zero.simd_max(x + x.number(3.0))) / six)
    };
    /// The gradient of [`hardswish`] from its argument, as PyTorch's at the kinks: 0 up to -3, `g * (x / 3 + 0.5)` from there
    /// to below 3, `g` from 3 (or at NaN).
    hardswish_grad(g, x) = {
        let (low, high) = (x.number(-3.0), x.number(3.0));
        let slope = x.mul_add(x.number(1.0 / 3.0), x.number(0.5));
        let within = x.simd_lt(high).select(g * slope, g);
        x.simd_lt(low).or(x.simd_eq(low)).select(x.number(0.0), within)
    };
}
