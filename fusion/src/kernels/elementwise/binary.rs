//! Functions of two elements.

use super::{Elementwise, Function, apply, apply_to, functions};
use crate::kernels::array::Array;
use crate::kernels::simd::{Mask, Vector};

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
    /// 1 where `x < y`, else 0; broadcast.
    lt_mask(x, y) = x.simd_lt(y).select(x.number(1.0), x.number(0.0));
    /// 1 where `x <= y`, else 0; broadcast.
    le_mask(x, y) = x.simd_lt(y).or(x.simd_eq(y)).select(x.number(1.0), x.number(0.0));
    /// 1 where `x` equals `y`, else 0; broadcast.
    eq_mask(x, y) = x.simd_eq(y).select(x.number(1.0), x.number(0.0));
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
