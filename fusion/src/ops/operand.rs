//! What stands on the right of an operator: a tensor, owned or borrowed, or a number of any type.

use crate::dim::Broadcast;
use crate::graph::Value;
use crate::tensor::{Float, Tensor};

/// A number that a tensor is added to, multiplied by and so on, whatever its type: every integer type, `f32` and `f64`.
///
/// On the right of an operator it need not be of the tensor's own element type. In generic code every [`Float`] is one.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::from([1.0f32, 2.0]);
/// let (n, rate) = (2usize, 0.5f64);
/// assert_eq!((&x * rate / n + 1).to_vec(), [1.25, 1.5]);
///
/// fn halves<S: Shape, T: Float>(x: &Tensor<S, T>) -> Tensor<S, T> {
///     x * 0.5
/// }
/// assert_eq!(halves(&x).to_vec(), [0.5, 1.0]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number",
    label = "expected an integer, an `f32` or an `f64`"
)]
pub trait Scalar: Copy {
    /// The nearest `f64`.
    fn to_f64(self) -> f64;
}

macro_rules! scalar {
    ($($T:ty)*) => { $(
        impl Scalar for $T {
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    )* };
}
scalar!(f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

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
