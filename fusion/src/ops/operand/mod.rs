//! The right operand of an operator: a tensor, owned or borrowed, a number of any type, or an array.

/// What stands on the left of an operator and is no tensor: the tensor that it makes is.
macro_rules! left {
    ([$($param:tt)*] [$($bound:tt)*] $left:ty, $shape:ty, $x:ident => $tensor:expr) => {
        left!(@of Add add [$($param)*] [$($bound)*] $left, $shape, $x => $tensor);
        left!(@of Sub sub [$($param)*] [$($bound)*] $left, $shape, $x => $tensor);
        left!(@of Mul mul [$($param)*] [$($bound)*] $left, $shape, $x => $tensor);
        left!(@of Div div [$($param)*] [$($bound)*] $left, $shape, $x => $tensor);
    };
    (@of $Trait:ident $method:ident $params:tt $bounds:tt $left:ty, $shape:ty, $x:ident => $tensor:expr) => {
        left!(@one $Trait $method $params $bounds $left, $shape, $x => $tensor; Tensor<S, T>);
        left!(@one $Trait $method $params $bounds $left, $shape, $x => $tensor; &Tensor<S, T>);
    };
    (
        @one $Trait:ident $method:ident [$($param:tt)*] [$($bound:tt)*]
        $left:ty, $shape:ty, $x:ident => $tensor:expr; $right:ty
    ) => {
        impl<S, T: Float, $($param)*> std::ops::$Trait<$right> for $left
        where
            $shape: Broadcast<S>,
            $($bound)*
        {
            type Output = Tensor<<$shape as Broadcast<S>>::Joined, T>;
            #[track_caller]
            fn $method(self, tensor: $right) -> Self::Output {
                let $x = self;
                std::ops::$Trait::$method($tensor, tensor)
            }
        }
    };
}

mod arrays;
#[cfg(feature = "ndarray")]
mod views;

use std::borrow::Cow;

use crate::dim::Broadcast;
use crate::graph::Value;
use crate::kernels::dtype::Scalar;
use crate::tensor::{Float, Tensor};

/// A right operand for a tensor of `T`.
///
/// Its kind ([`Operand::Kind`]) is separate from whether the two shapes fit ([`Meets`]): each type has one impl of
/// either, so that rustc reports the rule of the shapes and not a list of operators.
#[diagnostic::on_unimplemented(
    message = "an operator cannot take a tensor of `{T}` and `{Self}`",
    label = "beside a tensor of `{T}`, this is neither a number nor a tensor of the same type",
    note = "operators take tensors of `f32` or `f64`, with numbers, or with tensors and arrays of the same type",
    note = "`.cast::<f32>()` makes a tensor of `f32`, `.cast::<f64>()` one of `f64`"
)]
pub trait Operand<T> {
    /// [`Shaped`] or [`Number`].
    type Kind;

    /// The operand at run time.
    fn right(&self) -> Right<'_>;
}

/// An operand at run time.
#[derive(Debug)]
pub enum Right<'a> {
    /// A tensor, or an array made one.
    Tensor(Cow<'a, Value>),
    /// A number.
    Number(f64),
}

/// The kind of a tensor of shape `R`.
#[derive(Debug)]
pub struct Shaped<R>(std::marker::PhantomData<R>);

/// The kind of a number.
#[derive(Debug)]
pub struct Number;

/// The kind of a right operand that fits a left tensor of shape `L`.
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
        Right::Tensor(Cow::Borrowed(self.value()))
    }
}

#[diagnostic::do_not_recommend]
impl<R, T: Float> Operand<T> for &Tensor<R, T> {
    type Kind = Shaped<R>;

    fn right(&self) -> Right<'_> {
        Right::Tensor(Cow::Borrowed(self.value()))
    }
}

#[diagnostic::do_not_recommend]
impl<N: Scalar, T: Float> Operand<T> for N {
    type Kind = Number;

    fn right(&self) -> Right<'_> {
        Right::Number(self.to_f64())
    }
}
