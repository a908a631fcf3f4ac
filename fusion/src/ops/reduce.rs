//! Sums, means, largest and smallest elements.

use super::binary::{div, div_scalar, mul};
use super::shape::{expand, reshape};
use crate::dim::Reduce;
use crate::dim::rule::{Said, SomeAxes};
use crate::graph::{Context, Value, record};
use crate::kernels::{Array, Dims, elementwise, reduce as kernel};
use crate::tensor::{Float, Tensor};

/// `shape` with the axes of the bit set `axes` at size 1.
pub(super) fn kept(shape: &Dims, axes: u8) -> Dims {
    let mut kept = *shape;
    for axis in 0..shape.rank() {
        if axes >> axis & 1 == 1 {
            kept.set(axis, 1);
        }
    }
    kept
}

/// The sum over the axes of the bit set `axes`; they stay with size 1 if `keep`.
#[track_caller]
pub fn sum(x: &Value, axes: u8, keep: bool) -> Value {
    let from = *x.shape();
    record("sum", [x.link()], kernel::sum(x.array(), axes, keep), |_| {
        move |g, _| [Some(expand(reshape(g, &kept(&from, axes)), &from))]
    })
}

/// The mean over the axes of the bit set `axes`; NaN of nothing.
#[track_caller]
pub fn mean(x: &Value, axes: u8, keep: bool) -> Value {
    let from = *x.shape();
    let group = kernel::group(&from, axes) as f64;
    record("mean", [x.link()], kernel::mean(x.array(), axes, keep), |_| {
        move |g, _| [Some(expand(reshape(div_scalar(g, group), &kept(&from, axes)), &from))]
    })
}

/// The largest element over the axes of the bit set `axes`; equal ones share the gradient evenly (PyTorch's `amax`).
#[track_caller]
pub fn max(x: &Value, axes: u8, keep: bool) -> Value {
    record("max", [x.link()], kernel::max(x.array(), axes, keep), |y| extreme(x.array(), y, axes))
}

/// The smallest element over the axes of the bit set `axes`; equal ones share the gradient evenly (PyTorch's `amin`).
#[track_caller]
pub fn min(x: &Value, axes: u8, keep: bool) -> Value {
    record("min", [x.link()], kernel::min(x.array(), axes, keep), |y| extreme(x.array(), y, axes))
}

fn extreme(x: &Array, y: &Array, axes: u8) -> impl Fn(Value, &Context<'_>) -> [Option<Value>; 1] + use<> {
    let (x, y, kept) = (x.clone(), y.clone(), kept(x.shape(), axes));
    move |g, _| {
        let chosen = elementwise::eq_mask(x.clone(), &y.reshape(&kept).expand(x.shape()));
        let ties = kernel::sum(&chosen, axes, true);
        let g = div(reshape(g, &kept), &ties.into());
        [Some(mul(expand(g, x.shape()), &chosen.into()))]
    }
}

/// Every axis, as a bit set.
pub(super) fn all(x: &Value) -> u8 {
    (1 << x.shape().rank()) - 1
}

impl<S, T: Float> Tensor<S, T> {
    /// The sum over all axes. PyTorch's `sum`.
    ///
    /// ```
    /// let x = fusion::Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.sum().item(), 10.0);
    /// ```
    #[track_caller]
    pub fn sum(&self) -> Tensor<(), T> {
        Tensor::wrap(sum(self.value(), all(self.value()), false))
    }

    /// The sum over one axis, or several in a tuple, which the result does not have.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let y: Tensor<shape![2]> = x.sum_over(Axis::<0>);
    /// assert_eq!(y.to_vec(), [4.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn sum_over<A>(&self, _axes: A) -> Tensor<S::Out, T>
    where
        S: Said<SomeAxes, A> + Reduce<A>,
    {
        Tensor::wrap(sum(self.value(), S::AXES, false))
    }

    /// The sum over one axis, or several in a tuple, which stay with size 1 (`keepdim`).
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let y: Tensor<shape![2, 1]> = x.sum_keep(Axis::<-1>);
    /// assert_eq!(y.to_vec(), [3.0, 7.0]);
    /// ```
    #[doc(alias = "keepdim")]
    #[track_caller]
    pub fn sum_keep<A>(&self, _axes: A) -> Tensor<S::Keep, T>
    where
        S: Said<SomeAxes, A> + Reduce<A>,
    {
        Tensor::wrap(sum(self.value(), S::AXES, true))
    }

    /// The mean over all axes. PyTorch's `mean`.
    ///
    /// ```
    /// let x = fusion::Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.mean().item(), 2.5);
    /// ```
    #[track_caller]
    pub fn mean(&self) -> Tensor<(), T> {
        Tensor::wrap(mean(self.value(), all(self.value()), false))
    }

    /// The mean over one axis, or several in a tuple, which the result does not have.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let y: Tensor<shape![2]> = x.mean_over(Axis::<0>);
    /// assert_eq!(y.to_vec(), [2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn mean_over<A>(&self, _axes: A) -> Tensor<S::Out, T>
    where
        S: Said<SomeAxes, A> + Reduce<A>,
    {
        Tensor::wrap(mean(self.value(), S::AXES, false))
    }

    /// The mean over one axis, or several in a tuple, which stay with size 1 (`keepdim`).
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let y: Tensor<shape![2, 1]> = x.mean_keep(Axis::<-1>);
    /// assert_eq!(y.to_vec(), [1.5, 3.5]);
    /// ```
    #[doc(alias = "keepdim")]
    #[track_caller]
    pub fn mean_keep<A>(&self, _axes: A) -> Tensor<S::Keep, T>
    where
        S: Said<SomeAxes, A> + Reduce<A>,
    {
        Tensor::wrap(mean(self.value(), S::AXES, true))
    }

    /// The largest element (equal ones share the gradient evenly) over all axes. PyTorch's `amax`.
    ///
    /// ```
    /// let x = fusion::Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.max().item(), 4.0);
    /// ```
    #[doc(alias = "amax")]
    #[track_caller]
    pub fn max(&self) -> Tensor<(), T> {
        Tensor::wrap(max(self.value(), all(self.value()), false))
    }

    /// The largest element (equal ones share the gradient evenly) over one axis, or several in a tuple, which the result does not have.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let y: Tensor<shape![2]> = x.max_over(Axis::<0>);
    /// assert_eq!(y.to_vec(), [3.0, 4.0]);
    /// ```
    #[doc(alias = "amax")]
    #[track_caller]
    pub fn max_over<A>(&self, _axes: A) -> Tensor<S::Out, T>
    where
        S: Said<SomeAxes, A> + Reduce<A>,
    {
        Tensor::wrap(max(self.value(), S::AXES, false))
    }

    /// The largest element (equal ones share the gradient evenly) over one axis, or several in a tuple, which stay with size 1 (`keepdim`).
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let y: Tensor<shape![2, 1]> = x.max_keep(Axis::<-1>);
    /// assert_eq!(y.to_vec(), [2.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn max_keep<A>(&self, _axes: A) -> Tensor<S::Keep, T>
    where
        S: Said<SomeAxes, A> + Reduce<A>,
    {
        Tensor::wrap(max(self.value(), S::AXES, true))
    }

    /// The smallest element (equal ones share the gradient evenly) over all axes. PyTorch's `amin`.
    ///
    /// ```
    /// let x = fusion::Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.min().item(), 1.0);
    /// ```
    #[doc(alias = "amin")]
    #[track_caller]
    pub fn min(&self) -> Tensor<(), T> {
        Tensor::wrap(min(self.value(), all(self.value()), false))
    }

    /// The smallest element (equal ones share the gradient evenly) over one axis, or several in a tuple, which the result does not have.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let y: Tensor<shape![2]> = x.min_over(Axis::<0>);
    /// assert_eq!(y.to_vec(), [1.0, 2.0]);
    /// ```
    #[doc(alias = "amin")]
    #[track_caller]
    pub fn min_over<A>(&self, _axes: A) -> Tensor<S::Out, T>
    where
        S: Said<SomeAxes, A> + Reduce<A>,
    {
        Tensor::wrap(min(self.value(), S::AXES, false))
    }

    /// The smallest element (equal ones share the gradient evenly) over one axis, or several in a tuple, which stay with size 1 (`keepdim`).
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let y: Tensor<shape![2, 1]> = x.min_keep(Axis::<-1>);
    /// assert_eq!(y.to_vec(), [1.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn min_keep<A>(&self, _axes: A) -> Tensor<S::Keep, T>
    where
        S: Said<SomeAxes, A> + Reduce<A>,
    {
        Tensor::wrap(min(self.value(), S::AXES, true))
    }
}
