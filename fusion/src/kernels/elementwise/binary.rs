//! Functions of two elements.

use super::{Elementwise, Function, apply, apply_to, functions, lanes};
use crate::kernels::array::Array;
use crate::kernels::simd::{Float, Mask, Vector};

functions! {
    /// `x - y`, broadcast.
    sub(x, y) = x - y;
    /// `x * y`, broadcast.
    mul(x, y) = x * y;
    /// `x / y`, broadcast.
    div(x, y) = x / y;
    /// `g` where `y` is positive or NaN, else 0: the gradient of the larger of something and 0, from that larger one.
    relu_grad(g, y) = {
        let zero = g.number(0.0);
        y.simd_lt(zero).or(y.simd_eq(zero)).select(zero, g)
    };
    /// `g` where `y` is positive, else `g * slope`: the gradient of a leaky ReLU whose slope is from 0 on, from its result.
    leaky_relu_grad(g, y; slope) = g.number(0.0).simd_lt(y).select(g, g * slope);
    /// 1 where `x` equals `y`, else 0; broadcast.
    eq_mask(x, y) = x.simd_eq(y).select(x.number(1.0), x.number(0.0));
    /// 1 where `x` is less than `y`, else 0; broadcast.
    lt_mask(x, y) = x.simd_lt(y).select(x.number(1.0), x.number(0.0));
    /// 1 where `x` is at most `y`, else 0; broadcast.
    le_mask(x, y) = x.simd_lt(y).or(x.simd_eq(y)).select(x.number(1.0), x.number(0.0));
    /// The larger of the two, NaN if one is; broadcast.
    maximum(x, y) = lanes::max(x, y);
    /// The smaller of the two, NaN if one is; broadcast.
    minimum(x, y) = lanes::min(x, y);
    /// What of `g` the larger of two numbers gets that is `x`, the other one being `y`: all, nothing if `x` is less, half
    /// if they are equal.
    share(g, x, y) = {
        let half = x.simd_eq(y).select(g * g.number(0.5), g);
        x.simd_lt(y).select(g.number(0.0), half)
    };
    /// `x` where `m` is not 0, else `y`; broadcast.
    choose(x, y, m) = m.simd_eq(x.number(0.0)).select(y, x);
    /// The angle of the point with the coordinates `x` and `y`; broadcast.
    atan2(y, x) = y.atan2(x);
    /// The length of the vector with the coordinates `x` and `y`, without overflow in between; broadcast.
    hypot(x, y) = {
        let (x, y, zero, infinity) = (x.abs(), y.abs(), x.number(0.0), x.number(f64::INFINITY));
        let swap = x.simd_lt(y);
        let (small, large) = (swap.select(x, y), swap.select(y, x));
        let ratio = large.simd_eq(zero).select(small, small / large);
        let length = large * ratio.mul_add(ratio, x.number(1.0)).sqrt();
        x.simd_eq(infinity).or(y.simd_eq(infinity)).select(infinity, length)
    };
    /// `x` to the power of `e`; broadcast.
    pow(x, e) = x.powf(e);
    /// What remains of `x` after division by `y` with a quotient rounded towards 0: it has the sign of `x`; broadcast.
    fmod(x, y) = x.zip_lanes(y, Float::fmod);
    /// What remains of `x` after division by `y` with a quotient rounded down: it has the sign of `y`; broadcast.
    remainder(x, y) = {
        let (rest, zero) = (x.zip_lanes(y, Float::fmod), x.number(0.0));
        let above = zero.simd_lt(rest).and(y.simd_lt(zero));
        let other = rest.simd_lt(zero).and(zero.simd_lt(y)).or(above);
        other.select(rest + y, rest)
    };
}

struct Sum;

impl Elementwise<2, 0> for Sum {
    #[inline(always)]
    fn map<V: Vector>([x, y]: [V; 2], []: [V; 0]) -> [V; 1] {
        [x + y]
    }
}

static SUM: Function = Function::new::<Sum, 2, 0, 1>();

/// `x + y`, broadcast.
#[track_caller]
pub fn add(x: Array, y: &Array) -> Array {
    apply(&SUM, x, &[y], &[])
}

/// Adds `y` to `x`: in place if nobody else sees `x`'s elements and `x` has the shape of the sum.
pub fn add_assign(x: &mut Array, y: &Array) {
    if let Some(sum) = apply_to(&SUM, x, &[y], &[]) {
        *x = sum;
    }
}
