//! One tensor, or several, as what a function takes or gives.

use super::Tensor;
use crate::graph::Value;

/// A tensor, or a tuple or an array of what has this trait: what a function takes or gives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a tensor nor made of tensors",
    label = "not a tensor, nor a tuple or an array of tensors"
)]
pub trait Tensors: Sized {
    /// Shows `visit` each in order.
    #[doc(hidden)]
    fn each(&self, visit: &mut dyn FnMut(&Value));

    /// Takes them in the same order. The caller knows their shapes and types.
    #[doc(hidden)]
    fn made_of(next: &mut dyn FnMut() -> Value) -> Self;
}

impl<S, T> Tensors for Tensor<S, T> {
    fn each(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.value());
    }

    fn made_of(next: &mut dyn FnMut() -> Value) -> Self {
        Self::wrap(next())
    }
}

impl<X: Tensors, const N: usize> Tensors for [X; N] {
    fn each(&self, visit: &mut dyn FnMut(&Value)) {
        self.iter().for_each(|x| x.each(visit));
    }

    fn made_of(next: &mut dyn FnMut() -> Value) -> Self {
        std::array::from_fn(|_| X::made_of(next))
    }
}

macro_rules! tuples {
    ($([$($X:ident $at:tt)*])*) => { $(
        impl<$($X: Tensors),*> Tensors for ($($X,)*) {
            fn each(&self, visit: &mut dyn FnMut(&Value)) {
                $(self.$at.each(visit);)*
            }

            fn made_of(next: &mut dyn FnMut() -> Value) -> Self {
                ($($X::made_of(next),)*)
            }
        }
    )* };
}
tuples! {
    [A 0]
    [A 0 B 1]
    [A 0 B 1 C 2]
    [A 0 B 1 C 2 D 3]
    [A 0 B 1 C 2 D 3 E 4]
    [A 0 B 1 C 2 D 3 E 4 F 5]
}
