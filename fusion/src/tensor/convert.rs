//! From arrays and lists.

use super::Tensor;
use crate::dim::{Dim, Num};
use crate::kernels::{Array, Dims, Element};

impl<T: Element> From<T> for Tensor<(), T> {
    fn from(number: T) -> Self {
        Self::wrap(Array::full(number, Dims::new(&[])).into())
    }
}

/// A nested array whose lengths are the sizes of `S`.
#[diagnostic::on_unimplemented(
    message = "an array `{Self}` does not have the shape {S}",
    label = "another shape",
    note = "an array has its shape by itself: `Tensor::from([[1.0, 2.0], [3.0, 4.0]])`"
)]
pub trait Nested<S> {}

macro_rules! from_nested {
    ($($N:ident)* => $array:ty, $x:ident => $flat:expr) => {
        #[diagnostic::do_not_recommend]
        impl<T: Element, $(const $N: usize),*> Nested<($(Num<$N>,)*)> for $array {}

        impl<S, T: Element, $(const $N: usize),*> From<$array> for Tensor<S, T>
        where
            $array: Nested<S>,
            $(Num<$N>: Dim,)*
        {
            fn from($x: $array) -> Self {
                Self::wrap(Array::from_slice($flat, Dims::new(&[$($N),*])).into())
            }
        }
    };
}
from_nested!(A => [T; A], x => x.as_slice());
from_nested!(A B => [[T; B]; A], x => x.as_flattened());
from_nested!(A B C => [[[T; C]; B]; A], x => x.as_flattened().as_flattened());
from_nested!(A B C D => [[[[T; D]; C]; B]; A], x => x.as_flattened().as_flattened().as_flattened());

impl<T: Element> From<Vec<T>> for Tensor<(crate::dim::Dyn,), T> {
    /// A vector whose length the run decides.
    fn from(list: Vec<T>) -> Self {
        Self::from_slice_sized(&list, &[list.len()]).expect("a list in memory")
    }
}

/// ```
/// use fusion::prelude::*;
///
/// let squares: Tensor<shape![Dyn]> = (0..4).map(|i| (i * i) as f32).collect();
/// assert_eq!(squares.to_vec(), [0.0, 1.0, 4.0, 9.0]);
/// ```
impl<T: Element> FromIterator<T> for Tensor<(crate::dim::Dyn,), T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        elements.into_iter().collect::<Vec<T>>().into()
    }
}
