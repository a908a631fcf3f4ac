//! Softmax and its logarithm.

use super::binary::{mul, sub};
use super::reduce::sum;
use super::unary::exp;
use crate::dim::HasAxis;
use crate::dim::rule::{AnAxis, Said};
use crate::graph::{Value, record};
use crate::kernels::{Array, softmax as kernel};
use crate::tensor::{Float, Tensor};

/// `exp(x)` over its sum along `axis`, stable for any finite input.
#[track_caller]
pub fn softmax(x: &Value, axis: usize) -> Value {
    recorded(x, kernel::softmax(x.array(), axis), axis)
}

/// The softmax of `x`, which is known: of `x` itself only its place in the graph is asked.
#[track_caller]
pub(super) fn recorded(x: &Value, y: Array, axis: usize) -> Value {
    record("softmax", [x.link()], y, |y| {
        let y = y.clone();
        move |g, cx| {
            if !cx.is_traced() {
                return [Some(kernel::softmax_grad(g.array(), &y, axis).into())];
            }
            let y = cx.output(&y);
            let weighted = mul(g.clone(), &y);
            [Some(mul(sub(g, &sum(&weighted, 1 << axis, true)), &y))]
        }
    })
}

/// The logarithm of [`softmax`], as precise where softmax itself is 0.
#[track_caller]
pub fn log_softmax(x: &Value, axis: usize) -> Value {
    record("log_softmax", [x.link()], kernel::log_softmax(x.array(), axis), |y| {
        let y = y.clone();
        move |g, cx| {
            if !cx.is_traced() {
                return [Some(kernel::log_softmax_grad(g.array(), &y, axis).into())];
            }
            let p = exp(cx.output(&y));
            let total = sum(&g, 1 << axis, true);
            [Some(sub(g, &mul(p, &total)))]
        }
    })
}

impl<S, T: Float> Tensor<S, T> {
    /// `exp(x)` over its sum along an axis; stable for any finite input. PyTorch's `softmax`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 2]>::from([[0.0, 0.0], [1000.0, -1000.0]]);
    /// assert_eq!(x.softmax(Axis::<-1>).to_vec(), [0.5, 0.5, 1.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn softmax<A>(&self, _axis: A) -> Self
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        Self::wrap(softmax(self.value(), S::INDEX))
    }

    /// The logarithm of [`Tensor::softmax`], as precise where softmax itself is 0. PyTorch's `log_softmax`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2]>::from([1000.0, -1000.0]);
    /// assert_eq!(x.log_softmax(Axis::<0>).to_vec(), [0.0, -2000.0]);
    /// ```
    #[track_caller]
    pub fn log_softmax<A>(&self, _axis: A) -> Self
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        Self::wrap(log_softmax(self.value(), S::INDEX))
    }
}
