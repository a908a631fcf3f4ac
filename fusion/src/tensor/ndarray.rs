//! From and to ndarray: the feature `ndarray`.

use super::Tensor;
use crate::Result;
use crate::dim::Shape;
use crate::kernels::Element;
use ndarray::{ArrayBase, ArrayD, ArrayViewD, Data, Dimension, IxDyn, ShapeBuilder};

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
