//! What the formulas are made of.

use crate::kernels::simd::vector::Vector;

/// Is `V` a vector of `f32`?
pub(super) const fn single<V: Vector>() -> bool {
    size_of::<V::Elem>() == 4
}

/// The value at `x` of the polynomial with these coefficients, highest power first.
#[inline(always)]
pub(super) fn polynomial<V: Vector>(x: V, coefficients: &[f64]) -> V {
    let mut sum = x.number(coefficients[0]);
    for &c in &coefficients[1..] {
        sum = sum.mul_add(x, x.number(c));
    }
    sum
}
