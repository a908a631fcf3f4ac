//! What stands on the right of an operator: a tensor, owned or borrowed, or a number of any type.

use crate::dim::Broadcast;
use crate::graph::Value;
use crate::kernels::dtype::Scalar;
use crate::tensor::{Float, Tensor};

/// What goes on the right of an operator beside a tensor of `T`.
///
/// What it is ([`Operand::Kind`]) is apart from whether the two shapes fit ([`Meets`]): each question has one possible
/// answer for each type, so that rustc reports the rule of the shapes and not a list of operators.
#[diagnostic::on_unimplemented(
    message = "an operator cannot take a tensor of `{T}` and `{Self}`",
    label = "beside a tensor of `{T}`, this is neither a number nor a tensor of the same type",
    note = "operators take tensors of `f32` or `f64`, with numbers or with tensors of the same type",
    note = "`.cast::<f32>()` makes a tensor of `f32`"
)]
pub trait Operand<T> {
    /// [`Shaped`] or [`Number`].
    type Kind;

    /// For the operation to take.
    fn right(&self) -> Right<'_>;
}

/// An operand at run time.
pub enum Right<'a> {
    /// A tensor.
    Tensor(&'a Value),
    /// A number.
    Number(f64),
}

/// The kind of a tensor of shape `R`.
pub struct Shaped<R>(std::marker::PhantomData<R>);

/// The kind of a number.
pub struct Number;

/// Asked of the right operand's kind: a tensor of shape `L` on the left goes with it.
pub trait Meets<L> {
    /// The axes that both call by one name, counted from the end, as bits.
    const NAMED: u8;

    /// The shape of the result.
    type Out;
}

impl<L: Broadcast<R>, R> Meets<L> for Shaped<R> {
    const NAMED: u8 = L::NAMED;
    type Out = L::Joined;
}

impl<L> Meets<L> for Number {
    const NAMED: u8 = 0;
    type Out = L;
}

#[diagnostic::do_not_recommend]
impl<R, T: Float> Operand<T> for Tensor<R, T> {
    type Kind = Shaped<R>;

    fn right(&self) -> Right<'_> {
        Right::Tensor(self.value())
    }
}

#[diagnostic::do_not_recommend]
impl<R, T: Float> Operand<T> for &Tensor<R, T> {
    type Kind = Shaped<R>;

    fn right(&self) -> Right<'_> {
        Right::Tensor(self.value())
    }
}

#[diagnostic::do_not_recommend]
impl<N: Scalar, T: Float> Operand<T> for N {
    type Kind = Number;

    fn right(&self) -> Right<'_> {
        Right::Number(self.to_f64())
    }
}
