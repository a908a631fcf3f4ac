//! Other shapes for the same elements: views, recorded.

use crate::Result;
use crate::dim::rule::{AsMany, Said};
use crate::dim::{BroadcastTo, Permute, Reshape, Shape, Squeeze, Swap, Unsqueeze};
use crate::graph::{Value, record};
use crate::kernels::Element;
use crate::kernels::{Dims, array::layout::MAX_RANK, reduce};
use crate::tensor::Tensor;

/// Stretched to `shape` (NumPy's broadcasting, without a copy).
#[track_caller]
pub fn expand(x: Value, shape: &Dims) -> Value {
    if x.shape() == shape {
        return x;
    }
    let from = *x.shape();
    record("expand", [x.link()], x.array().expand(shape), |_| move |g, _| [Some(sum_to(g, &from))])
}

/// Summed over the axes along which `shape` was stretched: the gradient of [`expand`].
#[track_caller]
pub fn sum_to(x: Value, shape: &Dims) -> Value {
    if x.shape() == shape {
        return x;
    }
    let from = *x.shape();
    record("sum to", [x.link()], reduce::sum_to(x.array(), shape), |_| move |g, _| [Some(expand(g, &from))])
}

/// The same elements in C order under another shape.
#[track_caller]
pub fn reshape(x: Value, shape: &Dims) -> Value {
    if x.shape() == shape {
        return x;
    }
    let from = *x.shape();
    record("reshape", [x.link()], x.array().reshape(shape), |_| {
        // What lay channels-last lies so again, once for all that comes before it.
        let last = x.array().is_only_channels_last();
        move |g, _| {
            let g = reshape(g, &from);
            [Some(if last && g.array().is_contiguous() { channels_last(g) } else { g })]
        }
    })
}

/// The same elements, of rank 2 or more, with the channels (axis 1) side by side in memory.
#[track_caller]
pub fn channels_last(x: Value) -> Value {
    let (x, link) = x.into_parts();
    Value::new(x.channels_last(), link)
}

/// The axes in another order, without a copy.
#[track_caller]
pub fn permute(x: Value, order: &[usize]) -> Value {
    let mut back = [0; MAX_RANK];
    for (to, &from) in order.iter().enumerate() {
        back[from] = to;
    }
    let rank = order.len();
    record("permute", [x.link()], x.array().permute(order), |_| move |g, _| [Some(permute(g, &back[..rank]))])
}

/// Two axes exchanged, without a copy.
#[track_caller]
pub fn swap(x: Value, a: usize, b: usize) -> Value {
    record("transpose", [x.link()], x.array().swap(a, b), |_| move |g, _| [Some(swap(g, a, b))])
}

/// The last two axes exchanged, without a copy: every matrix transposed.
#[track_caller]
pub fn transpose(x: Value) -> Value {
    let rank = x.shape().rank();
    swap(x, rank - 2, rank - 1)
}

/// Without `axis`, which has size 1.
#[track_caller]
pub fn squeeze(x: Value, axis: usize) -> Value {
    super::or_panic(fusion_rules::squeeze(x.shape().sizes(), axis as isize));
    let array = x.array();
    let view = array.view(array.shape().without(axis), array.strides().without(axis), 0);
    record("squeeze", [x.link()], view, |_| move |g, _| [Some(unsqueeze(g, axis))])
}

/// With a new axis of size 1 before `axis`.
#[track_caller]
pub fn unsqueeze(x: Value, axis: usize) -> Value {
    let array = x.array();
    let view = array.view(array.shape().with(axis, 1), array.strides().with(axis, 1), 0);
    record("unsqueeze", [x.link()], view, |_| move |g, _| [Some(squeeze(g, axis))])
}

/// The sizes of `To`, those with a name as large as the tensor of shape `S` has them under this name.
fn keep_names<S: Shape, To: Shape>(from: fusion_rules::Dims) -> fusion_rules::Dims {
    let mut to = crate::dim::dims::<To>();
    for (size, name) in to.d.iter_mut().zip(To::NAMES) {
        if let Some(axis) = name.and_then(|name| S::NAMES.iter().position(|&other| other == Some(name))) {
            *size = from.d[axis];
        }
    }
    to
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// The same elements in C order under another shape of as many: `x.reshape::<shape![3, 4]>()`. One `Dyn` of the
    /// target is worked out; a `Dyn` with a name that both shapes have keeps its size. PyTorch's `reshape`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 6]>::zeros();
    /// assert_eq!(x.reshape::<shape![Dyn, 4]>().shape(), [3, 4]);
    /// ```
    #[doc(alias = "view")]
    #[track_caller]
    pub fn reshape<S2: Shape>(&self) -> Tensor<S2, T>
    where
        S: Said<AsMany, S2> + Reshape<S2>,
    {
        match self.try_reshape() {
            Ok(tensor) => tensor,
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`Tensor::reshape`], or an error if sizes known at run time do not fit or a copy is needed and has no room.
    #[track_caller]
    pub fn try_reshape<S2: Shape>(&self) -> Result<Tensor<S2, T>>
    where
        S: Said<AsMany, S2> + Reshape<S2>,
    {
        let from = self.value().shape().sizes();
        let target = fusion_rules::reshape(from, keep_names::<S, S2>(from))?;
        if !self.value().array().is_contiguous() {
            super::room(target, T::DTYPE)?;
        }
        Ok(Tensor::wrap(reshape(self.value().clone(), &Dims::of_sizes(target))))
    }

    /// All elements in one axis, in C order. PyTorch's `flatten`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y: Tensor<shape![6]> = Tensor::<shape![2, 3]>::zeros().flatten();
    /// ```
    #[doc(alias = "ravel")]
    #[track_caller]
    pub fn flatten(&self) -> Tensor<(S::Len,), T>
    where
        S: crate::dim::Elements,
    {
        Tensor::wrap(reshape(self.value().clone(), &Dims::new(&[self.num_elements()])))
    }

    /// Two axes exchanged, without a copy. PyTorch's `transpose`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y: Tensor<shape![4, 3, 2]> = Tensor::<shape![2, 3, 4]>::zeros().transpose(Axis::<0>, Axis::<-1>);
    /// ```
    #[doc(alias = "swapaxes")]
    #[track_caller]
    pub fn transpose<A, B>(&self, _a: A, _b: B) -> Tensor<S::Out, T>
    where
        S: Swap<A, B>,
    {
        Tensor::wrap(swap(self.value().clone(), S::AXES.0, S::AXES.1))
    }

    /// The axes in another order, without a copy. PyTorch's `permute`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 3, 4]>::zeros();
    /// let y: Tensor<shape![4, 2, 3]> = x.permute((Axis::<2>, Axis::<0>, Axis::<1>));
    /// ```
    #[doc(alias = "moveaxis")]
    #[track_caller]
    pub fn permute<A>(&self, _order: A) -> Tensor<S::Out, T>
    where
        S: Permute<A>,
    {
        Tensor::wrap(permute(self.value().clone(), S::ORDER))
    }

    /// Without an axis of size 1. PyTorch's `squeeze`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y: Tensor<shape![2, 3]> = Tensor::<shape![2, 1, 3]>::zeros().squeeze(Axis::<1>);
    /// ```
    #[track_caller]
    pub fn squeeze<A>(&self, _axis: A) -> Tensor<S::Out, T>
    where
        S: Squeeze<A>,
    {
        Tensor::wrap(squeeze(self.value().clone(), S::INDEX))
    }

    /// With a new axis of size 1 at this place. PyTorch's `unsqueeze`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y: Tensor<shape![2, 1, 3]> = Tensor::<shape![2, 3]>::zeros().unsqueeze(Axis::<1>);
    /// ```
    #[doc(alias = "expand_dims")]
    #[doc(alias = "newaxis")]
    #[track_caller]
    pub fn unsqueeze<A>(&self, _axis: A) -> Tensor<S::Out, T>
    where
        S: Unsqueeze<A>,
    {
        Tensor::wrap(unsqueeze(self.value().clone(), S::INDEX))
    }

    /// Stretched to a larger shape, right aligned, axes of size 1 repeated, without a copy. PyTorch's `expand`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 1]>::from([[1.0], [2.0]]);
    /// assert_eq!(x.expand::<shape![2, 3]>().to_vec(), [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
    /// ```
    #[doc(alias = "broadcast_to")]
    #[doc(alias = "expand_as")]
    #[track_caller]
    pub fn expand<S2: Shape>(&self) -> Tensor<S2, T>
    where
        S: BroadcastTo<S2>,
    {
        let sizes = self.value().shape().sizes();
        let target = super::or_panic(fusion_rules::broadcast_to(sizes, crate::dim::dims::<S2>()));
        Tensor::wrap(expand(self.value().clone(), &Dims::of_sizes(target)))
    }
}

impl<A: crate::dim::Dim, B: crate::dim::Dim, T: Element> Tensor<(A, B), T> {
    /// Rows as columns, without a copy. PyTorch's `t`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y: Tensor<shape![3, 2]> = Tensor::<shape![2, 3]>::zeros().t();
    /// ```
    #[track_caller]
    pub fn t(&self) -> Tensor<(B, A), T> {
        Tensor::wrap(swap(self.value().clone(), 0, 1))
    }
}
