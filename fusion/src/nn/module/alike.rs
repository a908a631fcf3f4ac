//! What must be one type.

use crate::tensor::Tensor;
use std::marker::PhantomData;

/// The same type: what layers give of which one or the other runs.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` comes out of this where it has to be a `{Y}`",
    label = "another output",
    note = "all variants of an enum give the same; where one has no layer, or layers repeat, that is what they take"
)]
pub trait Alike<Y> {
    /// The value itself.
    fn alike(self) -> Y;
}

#[diagnostic::do_not_recommend]
impl<X: Same<Y>, Y> Alike<Y> for X {
    fn alike(self) -> Y {
        self.same()
    }
}

/// [`Alike`], without its words.
pub trait Same<Y> {
    /// The value itself.
    fn same(self) -> Y;
}

#[diagnostic::do_not_recommend]
impl<Y> Same<Y> for Y {
    fn same(self) -> Y {
        self
    }
}

/// With a second impl rustc waits until it knows both shapes, instead of making one the other.
#[diagnostic::do_not_recommend]
impl<S, T> Same<Tensor<Unlike<S>, T>> for Tensor<S, T> {
    fn same(self) -> Tensor<Unlike<S>, T> {
        Tensor::wrap(self.into_value())
    }
}

/// A type that nothing has: its impl only keeps rustc from making two shapes one too early.
pub struct Unlike<S>(PhantomData<S>);
