//! From and to arrays, lists and ndarray.

use super::Tensor;
use crate::Result;
use crate::dim::{Dim, Num, Shape};
use crate::kernels::{Array, Dims, Element};
use ndarray::{ArrayBase, ArrayD, ArrayViewD, Data, Dimension, IxDyn, ShapeBuilder};

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

impl<S: Shape, T: Element> Tensor<S, T> {
    /// A copy of an ndarray array; an error if it has another shape.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![Dyn, 2]>::from_ndarray(&ndarray::array![[1.0f32, 2.0], [3.0, 4.0]])?;
    /// assert_eq!(x.shape(), [2, 2]);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    #[doc(alias = "from_numpy")]
    pub fn from_ndarray<D: Dimension>(array: &ArrayBase<impl Data<Elem = T>, D>) -> Result<Self> {
        let elements: Vec<T> = array.iter().copied().collect();
        Self::from_vec_sized(elements, array.shape())
    }

    /// These elements as an ndarray view, without a copy.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 3]>::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.t().as_ndarray()[[2, 0]], 3.0);
    /// ```
    pub fn as_ndarray(&self) -> ArrayViewD<'_, T> {
        let array = self.value().array();
        let sizes: Vec<usize> = array.shape().iter().collect();
        // Of nothing ndarray takes no strides but its own.
        let strides: Vec<usize> =
            if array.count() == 0 { vec![0; sizes.len()] } else { array.strides().iter().collect() };
        ArrayViewD::from_shape(IxDyn(&sizes).strides(IxDyn(&strides)), array.elements::<T>())
            .expect("strides inside the elements")
    }

    /// A copy of these elements as an ndarray array.
    #[doc(alias = "numpy")]
    pub fn to_ndarray(&self) -> ArrayD<T> {
        self.as_ndarray().to_owned()
    }
}

impl<S: Shape, T: Element> From<Tensor<S, T>> for ArrayD<T> {
    fn from(tensor: Tensor<S, T>) -> Self {
        tensor.to_ndarray()
    }
}
