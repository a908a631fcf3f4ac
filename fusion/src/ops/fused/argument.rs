//! What a function of `fused!` takes.

use crate::graph::Value;
use crate::kernels::Array;
use crate::kernels::dtype::Scalar;
use crate::tensor::{Float, Tensor};

/// A tensor of `T` with the shape `S`, owned or borrowed; or a number, which has the shape `()`.
#[diagnostic::on_unimplemented(
    message = "a function of `fused!` takes tensors of one float type, not `{T}` and `{Self}`",
    label = "neither a tensor of `{T}` nor a number",
    note = "`.cast::<f32>()` makes a tensor of `f32`"
)]
pub trait Argument<S, T> {
    /// As a value.
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
