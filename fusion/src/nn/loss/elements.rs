//! Losses of pairs of elements: a prediction and its target.

use super::{Weight, loss};
use crate::dim::SameShape;
use crate::ops::loss::elements;
use crate::tensor::{Float, Tensor};

/// A loss of two tensors of one shape: its settings, and how it is computed.
macro_rules! pair {
    (
        $(#[$doc:meta])* $Name:ident by $Reduction:ident { $($settings:tt)* }
        |$loss:ident, $x:ident, $y:ident| $f:expr
    ) => {
        loss! {
            $(#[$doc])*
            $Name[] by $Reduction { $($settings)* }
            /// The loss of a prediction and its target, two tensors of one shape. Both have gradients.
            forward<S, Y, T>(x: Tensor<S, T>, y: Tensor<Y, T>) -> [S::Both; T]
            where { S: SameShape<Y>, T: Float, }
            |$loss| {
                let ($x, $y) = (x.value(), y.value());
                $f
            }
        }
    };
}

pair! {
    /// `(x - y)²`. PyTorch's `MSELoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (x, y) = (Tensor::from([1.0, 2.0]), Tensor::from([1.0, 4.0]));
    /// assert_eq!(MseLoss::new().reduction(Sum).forward(&x, &y).item(), 4.0);
    /// ```
    #[doc(alias = "MSELoss")]
    MseLoss by Usual {}
    |_loss, x, y| elements::mse(x, y, R::KIND)
}

pair! {
    /// `|x - y|`; the gradient is 0 where they are equal. PyTorch's `L1Loss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (x, y) = (Tensor::from([1.0, 2.0]), Tensor::from([1.0, 4.0]));
    /// assert_eq!(L1Loss::new().reduction(Each).forward(&x, &y).to_vec(), [0.0, 2.0]);
    /// ```
    L1Loss by Usual {}
    |_loss, x, y| elements::l1(x, y, R::KIND)
}

pair! {
    /// `(x - y)² / 2` within `delta`, and `delta (|x - y| - delta / 2)` beyond: the slope is at most `delta`. Huber, "Robust
    /// estimation of a location parameter", 1964. PyTorch's `HuberLoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (x, y) = (Tensor::from([1.0, 0.0]), Tensor::from([2.0, 4.0]));
    /// assert_eq!(HuberLoss::new().delta(2.0).reduction(Each).forward(&x, &y).to_vec(), [0.5, 6.0]);
    /// ```
    HuberLoss by Usual {
        /// Where the square becomes a straight line, more than 0; by default 1.
        delta: f64 = 1.0;
    }
    |loss, x, y| elements::huber(x, y, loss.delta, R::KIND)
}

pair! {
    /// `(x - y)² / (2 beta)` within `beta`, and `|x - y| - beta / 2` beyond: the slope is at most 1. Girshick,
    /// [Fast R-CNN](https://arxiv.org/abs/1504.08083), 2015. PyTorch's `SmoothL1Loss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (x, y) = (Tensor::from([1.0, 0.0]), Tensor::from([2.0, 4.0]));
    /// assert_eq!(SmoothL1Loss::new().beta(2.0).reduction(Each).forward(&x, &y).to_vec(), [0.25, 3.0]);
    /// ```
    SmoothL1Loss by Usual {
        /// Where the square becomes a straight line; by default 1. With 0 the loss is [`L1Loss`].
        beta: f64 = 1.0;
    }
    |loss, x, y| elements::smooth_l1(x, y, loss.beta, R::KIND)
}

pair! {
    /// The terms `y (ln(y) - x)` of the divergence of a distribution y from one whose logarithms are x: with
    /// [`BatchMean`](super::BatchMean) the divergence itself, that of a sample. Where y is 0 the term and its gradients are 0,
    /// whatever x is. Kullback and Leibler, "On information and sufficiency", 1951. PyTorch's `KLDivLoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (scores, target) = (Tensor::<shape![1, 2]>::zeros(), Tensor::from([[1.0, 0.0]]));
    /// let loss = KlDivLoss::new().reduction(BatchMean);
    /// assert_eq!(loss.forward(&scores.log_softmax(Axis::<-1>), &target).item(), 2f32.ln());
    /// ```
    #[doc(alias = "KLDivLoss")]
    KlDivLoss by Reduction {
        /// Are the targets logarithms, too? By default not.
        log_target: bool = false;
    }
    |loss, x, y| elements::kl_div(x, y, loss.log_target, R::KIND)
}

loss! {
    /// `-weight * (y ln(x) + (1 - y) ln(1 - x))` of probabilities x and targets y from 0 to 1. No logarithm is below -100, and the
    /// slope is that of a probability of 1e-12 nearer to the middle, so that no guess is lost for ever; for scores there is
    /// [`BceWithLogitsLoss`], which needs neither. The mean is that of the elements. PyTorch's `BCELoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (x, y) = (Tensor::from([0.0, 0.5]), Tensor::from([1.0, 1.0]));
    /// assert_eq!(BceLoss::new().reduction(Each).forward(&x, &y).to_vec(), [100.0, 2f32.ln()]);
    /// ```
    #[doc(alias = "BCELoss")]
    BceLoss[weight: W] by Usual {}
    /// The loss of probabilities and their targets, two tensors of one shape. Both have gradients.
    forward<S, Y, T>(x: Tensor<S, T>, y: Tensor<Y, T>) -> [S::Both; T]
    where { S: SameShape<Y>, T: Float, W: Weight<S, T>, }
    |loss| elements::binary_cross_entropy(x.value(), y.value(), loss.weight.weight(), R::KIND)
}

loss! {
    /// `-weight * (pos_weight * y log sigmoid(x) + (1 - y) log(1 - sigmoid(x)))` of scores x and targets y from 0 to 1, stable for
    /// any finite x. The mean is that of the elements. PyTorch's `BCEWithLogitsLoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (x, y) = (Tensor::<shape![1, 2]>::zeros(), Tensor::from([[1.0, 0.0]]));
    /// let loss = BceWithLogitsLoss::new().pos_weight(&Tensor::from([3.0, 3.0])).reduction(Each);
    /// assert_eq!(loss.forward(&x, &y).to_vec(), [3.0 * 2f32.ln(), 2f32.ln()]);
    /// ```
    #[doc(alias = "BCEWithLogitsLoss")]
    BceWithLogitsLoss[weight: W, pos_weight: P] by Usual {}
    /// The loss of scores and their targets, two tensors of one shape. Both have gradients.
    forward<S, Y, T>(x: Tensor<S, T>, y: Tensor<Y, T>) -> [S::Both; T]
    where { S: SameShape<Y>, T: Float, W: Weight<S, T>, P: Weight<S, T>, }
    |loss| {
        let weights = [loss.weight.weight(), loss.pos_weight.weight()];
        elements::bce_with_logits(x.value(), y.value(), weights, R::KIND)
    }
}

impl<R, W> BceLoss<R, W> {
    /// A weight for each element, which stretches to their shape; by default each counts as much.
    pub fn weight<S, T>(self, weight: &Tensor<S, T>) -> BceLoss<R, Tensor<S, T>> {
        BceLoss { weight: weight.clone(), reduction: self.reduction }
    }
}

impl<R, W, P> BceWithLogitsLoss<R, W, P> {
    /// A weight for each element, which stretches to their shape; by default each counts as much.
    pub fn weight<S, T>(self, weight: &Tensor<S, T>) -> BceWithLogitsLoss<R, Tensor<S, T>, P> {
        BceWithLogitsLoss { weight: weight.clone(), pos_weight: self.pos_weight, reduction: self.reduction }
    }

    /// How much a target of 1 counts beside one of 0, for each element or what stretches to their shape; by default as much.
    pub fn pos_weight<S, T>(self, pos_weight: &Tensor<S, T>) -> BceWithLogitsLoss<R, W, Tensor<S, T>> {
        BceWithLogitsLoss { weight: self.weight, pos_weight: pos_weight.clone(), reduction: self.reduction }
    }
}

loss! {
    /// Of distances: the distance itself where the label is 1, and what of `margin` it leaves, `max(0, margin - x)`, where the
    /// label is -1; the gradient at the margin is 0. PyTorch's `HingeEmbeddingLoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (x, y) = (Tensor::from([0.25, 0.25, 2.0]), Tensor::from([1, -1, -1]));
    /// assert_eq!(HingeEmbeddingLoss::new().reduction(Each).forward(&x, &y).to_vec(), [0.25, 0.75, 0.0]);
    /// ```
    #[doc(alias = "hinge_embedding_loss")]
    HingeEmbeddingLoss[] by Usual {
        /// The distance that is enough; by default 1.
        margin: f64 = 1.0;
    }
    /// The loss of distances and labels, 1 or -1, of one shape.
    forward<S, Y, T>(x: Tensor<S, T>, y: Tensor<Y, i64>) -> [S::Both; T]
    where { S: SameShape<Y>, T: Float, }
    |loss| elements::hinge_embedding(x.value(), y.value().array(), loss.margin, R::KIND)
}
