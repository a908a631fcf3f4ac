//! Losses of classes.

use super::{ClassWeight, loss};
use crate::dim::{Dim, SameShape, Scores};
use crate::ops::loss::{Classes, Target, classes};
use crate::tensor::{Float, Tensor};

loss! {
    /// Cross-entropy: of scores `[B, C]` and labels `[B]`, minus the logarithm of the probability that softmax gives the label;
    /// of scores `[B, C, H, W]` and labels `[B, H, W]` that of each pixel. Targets of the shape and type of the scores are
    /// probabilities `y`, and the loss is `-sum(weight * y * log softmax(x))` over the classes.
    ///
    /// The mean over labels is that of their weights: `sum(weight[label] * loss) / sum(weight[label])`. It is NaN if no label
    /// counts; the gradient is 0 then. The mean over probabilities is that of the samples. PyTorch's `CrossEntropyLoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let scores = Tensor::<shape![2, 2]>::from([[0.0, 0.0], [1000.0, 0.0]]);
    /// let loss = CrossEntropyLoss::new().weight(&Tensor::from([1.0, 3.0])).reduction(Each);
    /// assert_eq!(loss.forward(&scores, &Tensor::from([0, 1])).to_vec(), [2f32.ln(), 3000.0]);
    /// ```
    #[doc(alias = "cross_entropy")]
    CrossEntropyLoss[weight: W] by Usual {
        /// The label of samples that count for nothing, whatever their scores are; by default -100. Probabilities have none.
        ignore_index: i64 = -100;
        /// The share of the target, from 0 to 1, that all classes have; by default 0. Szegedy et al.,
        /// [Rethinking the Inception architecture](https://arxiv.org/abs/1512.00567), 2015.
        label_smoothing: f64 = 0.0;
    }
    /// The loss of scores held against labels or probabilities.
    forward<S, L, E, T>(x: Tensor<S, T>, y: Tensor<L, E>) -> [E::Each; T]
    where { S: Scores, T: Float, E: Target<S, L, T>, W: ClassWeight<S::Classes, T>, }
    |loss| {
        let settings = Classes {
            reduction: R::KIND,
            weight: loss.weight.weight(),
            ignore_index: loss.ignore_index,
            label_smoothing: loss.label_smoothing,
        };
        classes::cross_entropy(x.value(), E::targets(y), &settings)
    }
}

loss! {
    /// Minus the logarithm of a probability at the label: of logarithms `[B, C]` and labels `[B]`, or `[B, C, H, W]` and
    /// `[B, H, W]`. The mean is that of the weights of the labels; NaN if none counts. PyTorch's `NLLLoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let logs = Tensor::from([[-0.5, -1.0], [-2.0, 0.0]]);
    /// assert_eq!(NllLoss::new().ignore_index(0).forward(&logs, &Tensor::from([1, 0])).item(), 1.0);
    /// ```
    #[doc(alias = "NLLLoss")]
    NllLoss[weight: W] by Usual {
        /// The label of samples that count for nothing; by default -100.
        ignore_index: i64 = -100;
    }
    /// The loss of logarithms of probabilities held against labels.
    forward<S, L, T>(x: Tensor<S, T>, y: Tensor<L, i64>) -> [<S::Labels as SameShape<L>>::Both; T]
    where { S: Scores<Labels: SameShape<L>>, T: Float, W: ClassWeight<S::Classes, T>, }
    |loss| {
        let (weight, ignore_index) = (loss.weight.weight(), loss.ignore_index);
        let settings = Classes { reduction: R::KIND, weight, ignore_index, ..Classes::DEFAULT };
        classes::nll(x.value(), y.value().array(), &settings)
    }
}

loss! {
    /// The hinge of classes: of scores `[B, C]` and labels `[B]`, the mean over the other classes of what their scores lack to be
    /// `margin` below that of the label, `max(0, margin - x[label] + x[class])^p`. The sum is divided by C; the mean is that of
    /// the samples. The gradient at the end of the margin is 0. Crammer and Singer, "On the algorithmic implementation of
    /// multiclass kernel-based vector machines", 2001. PyTorch's `MultiMarginLoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let scores = Tensor::from([[0.0, 2.0, 0.5]]);
    /// assert_eq!(MultiMarginLoss::new().margin(2.0).forward(&scores, &Tensor::from([1])).item(), 0.5 / 3.0);
    /// ```
    #[doc(alias = "multi_margin_loss")]
    MultiMarginLoss[weight: W] by Usual {
        /// The power, 1 or 2; by default 1.
        p: u32 = 1;
        /// How far above the others the score of the label is to be; by default 1.
        margin: f64 = 1.0;
    }
    /// The loss of scores held against labels.
    forward<B, C, D, T>(x: Tensor<(B, C), T>, y: Tensor<(D,), i64>) -> [(B,); T]
    where { B: Dim, (B,): SameShape<(D,)>, T: Float, W: ClassWeight<C, T>, }
    |loss| {
        let settings = Classes { reduction: R::KIND, weight: loss.weight.weight(), ..Classes::DEFAULT };
        classes::multi_margin(x.value(), y.value().array(), loss.p, loss.margin, &settings)
    }
}

/// A loss with a weight for each class.
macro_rules! weighted {
    ($($Name:ident { $($setting:ident),* };)*) => { $(
        impl<R, W> $Name<R, W> {
            /// A weight for each class, of the type of the scores; without gradients. By default each counts as much.
            pub fn weight<C, T>(self, weight: &Tensor<(C,), T>) -> $Name<R, Tensor<(C,), T>> {
                let Self { $($setting,)* reduction, .. } = self;
                $Name { weight: weight.clone(), $($setting,)* reduction }
            }
        }
    )* };
}
weighted! {
    CrossEntropyLoss { ignore_index, label_smoothing };
    NllLoss { ignore_index };
    MultiMarginLoss { p, margin };
}
