//! Other element types.

use crate::graph::{Value, record};
use crate::kernels::Element;
use crate::kernels::{DType, elementwise as kernel};
use crate::tensor::Tensor;

/// The same numbers as another type, converted as Rust's `as` does. Between floats the gradient flows back; a traced
/// value has no cast to integers.
#[track_caller]
pub fn cast(x: Value, to: DType) -> Value {
    let from = x.dtype();
    if from == to {
        return x;
    }
    let differentiable = from.is_float() && to.is_float();
    assert!(differentiable || x.traced().is_none(), "a cast to {to} has no gradient: call detach() first");
    if !differentiable {
        return kernel::cast(x.array(), to).into();
    }
    record("cast", [x.link()], kernel::cast(x.array(), to), |_| move |g, _| [Some(cast(g, from))])
}

impl<S, T: Element> Tensor<S, T> {
    /// The same numbers as another element type, converted as Rust's `as` does. Between `f32` and `f64` the gradient
    /// flows back; a traced tensor must be detached before a cast to anything else. PyTorch's `to(dtype)`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2], u8>::from([0, 255]);
    /// assert_eq!(x.cast::<f32>().to_vec(), [0.0, 255.0]);
    /// ```
    #[doc(alias = "to")]
    #[doc(alias = "astype")]
    #[doc(alias = "float")]
    #[doc(alias = "double")]
    #[doc(alias = "long")]
    #[track_caller]
    pub fn cast<U: Element>(&self) -> Tensor<S, U> {
        Tensor::wrap(cast(self.value().clone(), U::DTYPE))
    }
}
