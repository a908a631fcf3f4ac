//! Losses with all their settings, by PyTorch's names.
//!
//! A loss is built with its usual settings, changed, and asked: `loss.forward(&x, &y)`. The usual settings have methods of
//! tensors: `x.cross_entropy(&labels)`.
//!
//! What is made of the losses of the elements or samples is a type, so that the compiler knows the shape of the result:
//! `reduction(Mean)` and `reduction(Sum)` give one number, `reduction(Each)`, PyTorch's `"none"`, leaves them as they are.
//!
//! ```
//! use fusion::prelude::*;
//!
//! let weight = Tensor::from([1.0, 0.5, 2.0]);
//! let loss = CrossEntropyLoss::new().weight(&weight).label_smoothing(0.1);
//! let scores = Tensor::<shape![4, 3]>::zeros();
//! let labels = Tensor::from([0, 2, 1, -100]);
//! let mean: Tensor<()> = loss.forward(&scores, &labels);
//! let each: Tensor<shape![4]> = loss.reduction(Each).forward(&scores, &labels);
//! assert_eq!(each.to_vec()[3], 0.0);
//! ```
//!
//! | loss | method | of |
//! | --- | --- | --- |
//! | [`CrossEntropyLoss`] | [`cross_entropy`](crate::Tensor::cross_entropy) | scores of classes, and labels or probabilities |
//! | [`NllLoss`] | [`nll_loss`](crate::Tensor::nll_loss) | logarithms of probabilities, and labels |
//! | [`MultiMarginLoss`] | | scores of classes, and labels: the hinge of classes |
//! | [`BceWithLogitsLoss`] | [`bce_with_logits`](crate::Tensor::bce_with_logits) | scores of yes or no |
//! | [`BceLoss`] | [`binary_cross_entropy`](crate::Tensor::binary_cross_entropy) | probabilities of yes |
//! | [`KlDivLoss`] | [`kl_div`](crate::Tensor::kl_div) | logarithms of probabilities, and probabilities |
//! | [`MseLoss`] | [`mse_loss`](crate::Tensor::mse_loss) | numbers: squares |
//! | [`L1Loss`] | [`l1_loss`](crate::Tensor::l1_loss) | numbers: absolute values |
//! | [`HuberLoss`] | [`huber_loss`](crate::Tensor::huber_loss) | numbers: squares near by, absolute values far away |
//! | [`SmoothL1Loss`] | [`smooth_l1_loss`](crate::Tensor::smooth_l1_loss) | the same by another scale |
//! | [`HingeEmbeddingLoss`] | | distances, and labels 1 or -1 |
//! | [`CosineEmbeddingLoss`] | | two vectors, and labels 1 or -1 |
//! | [`TripletMarginLoss`] | | an anchor, a vector that is alike, and one that is not |
//! | [`CtcLoss`] | | sequences of distributions, and shorter sequences of labels |

mod classes;
mod ctc;
mod elements;
mod vectors;

pub use crate::ops::loss::Target;
pub use classes::{CrossEntropyLoss, MultiMarginLoss, NllLoss};
pub use ctc::CtcLoss;
pub use elements::{
    BceLoss, BceWithLogitsLoss, HingeEmbeddingLoss, HuberLoss, KlDivLoss, L1Loss, MseLoss, SmoothL1Loss,
};
pub use vectors::{CosineEmbeddingLoss, TripletMarginLoss};

use crate::dim::{Broadcast, SameShape, Shape};
use crate::graph::Value;
use crate::ops::loss as ops;
use crate::tensor::Tensor;
use std::fmt::Debug;

/// What is made of the losses of many elements or samples.
///
/// ```
/// use fusion::nn::loss::{Each, Mean, Reduction};
/// use fusion::prelude::*;
///
/// fn gives<R: Reduction<Out<S> = Out>, S: Shape, Out>() {}
/// gives::<Mean, shape![32], ()>();
/// gives::<Each, shape![32], shape![32]>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no reduction",
    label = "write `Mean`, `Sum` or `Each`",
    note = "`Each` is what PyTorch calls \"none\""
)]
pub trait Reduction: Copy + Default + Debug + Send + Sync + 'static {
    /// The shape of the result for losses of the shape `S`.
    type Out<S: Shape>: Shape;

    /// The reduction at run time.
    #[doc(hidden)]
    const KIND: ops::Reduction;
}

/// A reduction that every loss has.
#[diagnostic::on_unimplemented(
    message = "this loss has no reduction `{Self}`",
    label = "write `Mean`, `Sum` or `Each`",
    note = "`BatchMean` is for `KlDivLoss` alone; `Each` is what PyTorch calls \"none\""
)]
pub trait Usual: Reduction {}

macro_rules! reductions {
    ($($(#[$doc:meta])* $Name:ident<$S:ident> -> $Out:ty;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $Name;

        #[diagnostic::do_not_recommend]
        impl Reduction for $Name {
            type Out<$S: Shape> = $Out;
            const KIND: ops::Reduction = ops::Reduction::$Name;
        }
    )* };
}
reductions! {
    /// The losses stay as they are: PyTorch's `reduction="none"`.
    Each<S> -> S;
    /// Their sum.
    Sum<S> -> ();
    /// Their mean; NaN of none.
    Mean<S> -> ();
    /// Their sum, divided by the size of the first axis: PyTorch's `reduction="batchmean"`.
    BatchMean<S> -> ();
}

#[diagnostic::do_not_recommend]
impl Usual for Each {}
#[diagnostic::do_not_recommend]
impl Usual for Sum {}
#[diagnostic::do_not_recommend]
impl Usual for Mean {}

/// The weights of elements of the shape `S` and the type `T`: none, `()`, or a tensor that stretches to that shape.
#[diagnostic::on_unimplemented(
    message = "the weights of losses of `{T}` are a tensor of `{T}`, not `{Self}`",
    label = "these weights are of another type"
)]
pub trait Weight<S, T> {
    /// The weights at run time.
    #[doc(hidden)]
    fn weight(&self) -> Option<&Value>;
}

#[diagnostic::do_not_recommend]
impl<S, T> Weight<S, T> for () {
    fn weight(&self) -> Option<&Value> {
        None
    }
}

impl<S, Q, T> Weight<S, T> for Tensor<Q, T>
where
    S: Broadcast<Q>,
{
    fn weight(&self) -> Option<&Value> {
        Some(self.value())
    }
}

/// The weights of `C` classes of scores of the type `T`: none, `()`, or a tensor with one for each.
#[diagnostic::on_unimplemented(
    message = "the weights of classes of scores of `{T}` are a tensor of one axis of `{T}`, not `{Self}`",
    label = "these weights are of another type or rank"
)]
pub trait ClassWeight<C, T> {
    /// The weights at run time.
    #[doc(hidden)]
    fn weight(&self) -> Option<&Value>;
}

#[diagnostic::do_not_recommend]
impl<C, T> ClassWeight<C, T> for () {
    fn weight(&self) -> Option<&Value> {
        None
    }
}

impl<C, D, T> ClassWeight<C, T> for Tensor<(D,), T>
where
    (C,): SameShape<(D,)>,
{
    fn weight(&self) -> Option<&Value> {
        Some(self.value())
    }
}

/// Declares a loss: its weights, whose types are its parameters, its settings with their usual values, what it takes, the shape
/// of the losses, and how they are computed.
macro_rules! loss {
    (
        $(#[$doc:meta])*
        $Name:ident[$($weight:ident: $W:ident),*] by $Reduction:ident {
            $($(#[$setting_doc:meta])* $setting:ident: $Setting:ty = $usual:expr;)*
        }
        $(#[$forward_doc:meta])*
        forward<$($P:ident),*>($($x:ident: $X:ty),*) -> [$Each:ty; $T:ident]
        where { $($bounds:tt)* }
        |$loss:ident| $body:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name<R = $crate::nn::loss::Mean $(, $W = ())*> {
            $($weight: $W,)*
            $($setting: $Setting,)*
            reduction: std::marker::PhantomData<R>,
        }

        impl $Name {
            /// With PyTorch's settings.
            pub fn new() -> Self {
                Self { $($weight: (),)* $($setting: $usual,)* reduction: std::marker::PhantomData }
            }
        }

        impl Default for $Name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl<R $(, $W)*> $Name<R $(, $W)*> {
            /// What is made of the losses: by default [`Mean`](crate::nn::loss::Mean).
            pub fn reduction<Q: $crate::nn::loss::$Reduction>(self, _reduction: Q) -> $Name<Q $(, $W)*> {
                let Self { $($weight,)* $($setting,)* .. } = self;
                $Name { $($weight,)* $($setting,)* reduction: std::marker::PhantomData }
            }

            $(
                $(#[$setting_doc])*
                pub fn $setting(mut self, $setting: $Setting) -> Self {
                    self.$setting = $setting;
                    self
                }
            )*

            $(#[$forward_doc])*
            ///
            /// # Panics
            ///
            /// Where `try_forward` gives an error.
            #[track_caller]
            pub fn forward<$($P),*>(&self, $($x: &$X),*) -> $crate::Tensor<R::Out<$Each>, $T>
            where
                R: $crate::nn::loss::$Reduction,
                $($bounds)*
            {
                $crate::error::or_panic(self.try_forward::<$($P),*>($($x),*))
            }

            /// As `forward`, or an error if sizes known at run time differ, a label, a length or a setting is out of its range, or
            /// there is no room for the result.
            #[track_caller]
            pub fn try_forward<$($P),*>(&self, $($x: &$X),*) -> $crate::Result<$crate::Tensor<R::Out<$Each>, $T>>
            where
                R: $crate::nn::loss::$Reduction,
                $($bounds)*
            {
                let $loss = self;
                Ok($crate::Tensor::wrap($body?))
            }
        }
    };
}
use loss;
