//! What a function of `fused!` takes.

use crate::graph::Value;
use crate::kernels::Array;
use crate::kernels::dtype::Scalar;
use crate::tensor::{Float, Tensor};

/// What a function of [`fused!`](crate::fused) takes: a tensor of `T` with the shape `S`, owned or borrowed; or a number,
/// which has the shape `()`.
///
/// ```
/// use fusion::prelude::*;
///
/// fused! { fn scaled(x, scale) = scale * x; }
///
/// let x = Tensor::from([1.0f32, 2.0]);
/// assert_eq!(scaled(&x, &x).to_vec(), [1.0, 4.0]);
/// assert_eq!(scaled(x, 3).to_vec(), [3.0, 6.0]);
/// ```
#[diagnostic::on_unimplemented(
    message = "a function of `fused!` takes numbers, and tensors that are all of `f32` or all of `f64`",
    label = "not so: this is a `{Self}`",
    note = "`.cast::<f32>()` makes a tensor of `f32`"
)]
pub trait Argument<S, T> {
    /// The argument at run time.
    fn into_value(self) -> Value;
}

#[diagnostic::do_not_recommend]
impl<S, T: Float> Argument<S, T> for Tensor<S, T> {
    fn into_value(self) -> Value {
        Self::into_value(self)
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: Float> Argument<S, T> for &Tensor<S, T> {
    fn into_value(self) -> Value {
        self.value().clone()
    }
}

#[diagnostic::do_not_recommend]
impl<N: Scalar, T: Float> Argument<(), T> for N {
    fn into_value(self) -> Value {
        Array::full_float(T::DTYPE, self.to_f64(), Default::default()).into()
    }
}

/// The result, whose shape and type the function has worked out.
pub fn wrap<S, T: Float>(value: Value) -> Tensor<S, T> {
    Tensor::wrap(value)
}
