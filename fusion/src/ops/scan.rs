//! Running sums and products along an axis, and elements in the reversed order.

use super::binary::{mul, sub};
use super::choice::choose;
use super::concat::{concat, slice};
use super::unary::exp;
use crate::dim::rule::{AnAxis, Said, SomeAxes};
use crate::dim::{HasAxis, Reduce};
use crate::graph::{Value, record};
use crate::kernels::{Array, Dims, Element, array::gather, elementwise, scan as kernel};
use crate::tensor::{Float, Tensor};

/// The sum of each element and of all before it along `axis`, of all behind it if `reverse`.
#[track_caller]
pub fn cumsum(x: &Value, axis: usize, reverse: bool) -> Value {
    record("cumsum", [x.link()], kernel::cumsum(x.array(), axis, reverse), |_| {
        move |g, _| [Some(cumsum(&g, axis, !reverse))]
    })
}

/// The product of each element and of all before it along `axis`. The gradient divides by nothing, so zeros are as others.
#[track_caller]
pub fn cumprod(x: &Value, axis: usize) -> Value {
    record("cumprod", [x.link()], kernel::cumprod(x.array(), axis), |y| {
        let (x, y) = (x.array().clone(), y.clone());
        move |g, cx| {
            let next = shifted(&cx.input(0, &x), axis, true, 0.0);
            let rest = recurrence(&g, &next, axis, true);
            [Some(mul(rest, &shifted(&cx.output(&y), axis, false, 1.0)))]
        }
    })
}

/// The logarithm of the sum of the exponentials of each element and of all before it along `axis`. No exponential overflows, and in
/// the gradient none either: with `r[i] = g[i] + e^(y[i] - y[i + 1]) r[i + 1]` it is `e^(x - y) r`, and both exponents are at most
/// 0. Where the result is negative infinity it is 0.
#[track_caller]
pub fn logcumsumexp(x: &Value, axis: usize) -> Value {
    record("logcumsumexp", [x.link()], kernel::logcumsumexp(x.array(), axis), |y| {
        let (x, y) = (x.array().clone(), y.clone());
        move |g, cx| {
            let (y, number) = (cx.output(&y), |number| Array::full_float(g.dtype(), number, Dims::default()));
            let none = elementwise::eq_mask(y.array().clone(), &number(f64::NEG_INFINITY));
            let finite = choose(number(0.0).into(), &y, none);
            let next = shifted(&finite, axis, true, f64::INFINITY);
            let rest = recurrence(&g, &exp(sub(y, &next)), axis, true);
            [Some(mul(exp(sub(cx.input(0, &x), &finite)), &rest))]
        }
    })
}

/// `y[i] = b[i] + c[i] y[i - 1]` along `axis`, or with `y[i + 1]` if `reverse`.
#[track_caller]
fn recurrence(b: &Value, c: &Value, axis: usize, reverse: bool) -> Value {
    record("recurrence", [b.link(), c.link()], kernel::recurrence(b.array(), c.array(), axis, reverse), |y| {
        let (c, y) = (c.array().clone(), y.clone());
        move |g, cx| {
            let by_b = recurrence(&g, &shifted(&cx.input(1, &c), axis, !reverse, 0.0), axis, !reverse);
            let by_c = cx.needs_grad(1).then(|| mul(by_b.clone(), &shifted(&cx.output(&y), axis, reverse, 0.0)));
            [Some(by_b), by_c]
        }
    })
}

/// Each element in the place behind it along `axis`, or in that before it, with `fill` in the place that none comes to.
#[track_caller]
fn shifted(x: &Value, axis: usize, to_front: bool, fill: f64) -> Value {
    let n = x.shape().get(axis);
    if n == 0 {
        return x.clone();
    }
    let mut shape = *x.shape();
    shape.set(axis, 1);
    let fill = Array::full_float(x.dtype(), fill, shape).into();
    let part = |from, to| slice(x.clone(), axis, from, to);
    concat(&if to_front { [part(1, n), fill] } else { [fill, part(0, n - 1)] }, axis)
}

/// The elements in the reversed order along the axes of the bit set `axes`.
#[track_caller]
pub fn flip(x: &Value, axes: u8) -> Value {
    let mut y = x.array().clone();
    for axis in (0..y.shape().rank()).filter(|axis| axes >> axis & 1 == 1) {
        let reversed: Vec<usize> = (0..y.shape().get(axis)).rev().collect();
        y = gather::rows(&y.swap(0, axis), &reversed).swap(0, axis);
    }
    record("flip", [x.link()], y, |_| move |g, _| [Some(flip(&g, axes))])
}

impl<S, T: Float> Tensor<S, T> {
    /// The sum of each element and of all before it along an axis, added up in `f64`. PyTorch's `cumsum`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.cumsum(Axis::<1>).to_vec(), [1.0, 3.0, 6.0, 4.0, 9.0, 15.0]);
    /// ```
    #[track_caller]
    pub fn cumsum<A>(&self, _axis: A) -> Self
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        Self::wrap(cumsum(self.value(), S::INDEX, false))
    }

    /// The product of each element and of all before it along an axis, multiplied in `f64`. The gradient is right where there
    /// are zeros. PyTorch's `cumprod`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.cumprod(Axis::<0>).to_vec(), [1.0, 2.0, 3.0, 4.0, 10.0, 18.0]);
    /// ```
    #[track_caller]
    pub fn cumprod<A>(&self, _axis: A) -> Self
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        Self::wrap(cumprod(self.value(), S::INDEX))
    }
}

impl<S, T: Float> Tensor<S, T> {
    /// The logarithm of the sum of the exponentials of each element and of all before it along an axis; no exponential overflows.
    /// PyTorch's `logcumsumexp`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([1000.0, 1000.0, f64::NEG_INFINITY]);
    /// assert_eq!(x.logcumsumexp(Axis::<0>).to_vec(), [1000.0, 1000.0 + 2f64.ln(), 1000.0 + 2f64.ln()]);
    /// ```
    #[track_caller]
    pub fn logcumsumexp<A>(&self, _axis: A) -> Self
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        Self::wrap(logcumsumexp(self.value(), S::INDEX))
    }
}

impl<S, T: Element> Tensor<S, T> {
    /// The elements in the reversed order along one axis, or several in a tuple. PyTorch's `flip`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1i64, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.flip(Axis::<1>).to_vec(), [3, 2, 1, 6, 5, 4]);
    /// assert_eq!(x.flip((Axis::<0>, Axis::<1>)).to_vec(), [6, 5, 4, 3, 2, 1]);
    /// ```
    #[doc(alias = "reverse")]
    #[track_caller]
    pub fn flip<A>(&self, _axes: A) -> Self
    where
        S: Said<SomeAxes, A> + Reduce<A>,
    {
        Self::wrap(flip(self.value(), S::AXES))
    }
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;

    #[test]
    fn gradients() {
        let x = [any(1, &[2, 3, 4])];
        for axis in 0..3 {
            first_and_second(&x, |x| cumsum(&mul(x[0].clone(), &x[0]), axis, false));
            first_and_second(&x, |x| cumprod(&x[0], axis));
            first_and_second(&x, |x| logcumsumexp(&mul(x[0].clone(), &x[0]), axis));
            first_and_second(&x, |x| flip(&mul(x[0].clone(), &x[0]), 0b111 ^ 1 << axis));
        }
        let zeros = Value::from(Array::from_slice(&[2.0, 0.0, 3.0, 0.0, 5.0, -1.0], Dims::new(&[6])));
        first_and_second(&[zeros], |x| cumprod(&x[0], 0));
        first_and_second(&[any(2, &[4, 3]), any(3, &[4, 3])], |x| recurrence(&x[0], &x[1], 0, false));
    }

    /// Exponentials that overflow, and logarithms of nothing.
    #[test]
    fn gradients_of_logarithms_are_finite() {
        let numbers = [f64::NEG_INFINITY, f64::NEG_INFINITY, -1e4, 1e4, 1e4, -1e4, f64::NEG_INFINITY];
        let x = Value::from(Array::from_slice(&numbers, Dims::new(&[7]))).watch();
        let grads = logcumsumexp(&x, 0).backward(Array::full(1.0, Dims::new(&[7])).into());
        let gradient = grads.get_value(x.link()).expect("one").array().to_vec::<f64>();
        for (found, want) in gradient.iter().zip([0.0, 0.0, 1.0, 2.5, 1.5, 0.0, 0.0]) {
            assert!((found - want).abs() < 1e-10, "{gradient:?}");
        }
    }

    #[test]
    fn of_nothing() {
        let none = any(1, &[2, 0]).watch();
        let y = cumprod(&flip(&cumsum(&none, 1, false), 0b11), 1);
        let grads = y.backward(any(2, &[2, 0]));
        assert_eq!(grads.get_value(none.link()).expect("one").array().count(), 0);
    }
}
