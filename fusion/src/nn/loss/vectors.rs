//! Losses of vectors along the last axis.

use super::loss;
use crate::dim::rule::{AnAxis, Said};
use crate::dim::{Axis, HasAxis, SameShape};
use crate::ops::loss::vectors::{self, Triplets};
use crate::tensor::{Float, Tensor};

/// The last axis, along which vectors lie.
type Last = Axis<-1>;

loss! {
    /// Of two vectors: `1 - cos` of the angle between them where the label is 1, and `max(0, cos - margin)` where it is -1. The
    /// gradient at the margin is 0. To the squares of the lengths 1e-12 is added, so that a vector of zeros has the cosine 0.
    /// PyTorch's `CosineEmbeddingLoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let a = Tensor::<shape![2, 2], f64>::from([[3.0, 0.0], [0.0, 1.0]]);
    /// let loss = CosineEmbeddingLoss::new().reduction(Sum).forward(&a, &a.flip(Axis::<1>), &Tensor::from([1, -1]));
    /// assert_eq!(loss.item(), 1.0);
    /// ```
    #[doc(alias = "cosine_embedding_loss")]
    #[doc(alias = "cosine_similarity")]
    CosineEmbeddingLoss[] by Usual {
        /// The cosine that is small enough, from -1 to 1; by default 0.
        margin: f64 = 0.0;
    }
    /// The loss of vectors `[B, D]` and labels `[B]`, 1 or -1; or of more axes before the last.
    forward<S, Q, Y, T>(a: Tensor<S, T>, b: Tensor<Q, T>, y: Tensor<Y, i64>) -> [<S as HasAxis<Last>>::Without; T]
    where {
        S: Said<AnAxis, Last> + SameShape<Q> + HasAxis<Last>,
        <S as HasAxis<Last>>::Without: SameShape<Y>,
        T: Float,
    }
    |loss| vectors::cosine_embedding(a.value(), b.value(), y.value().array(), loss.margin, R::KIND)
}

loss! {
    /// Of three vectors: `max(0, d(anchor, positive) - d(anchor, negative) + margin)`, where `d` is the norm of the difference
    /// plus `eps`. The gradient at the margin is 0. Schroff, Kalenichenko and Philbin,
    /// [FaceNet](https://arxiv.org/abs/1503.03832), 2015. PyTorch's `TripletMarginLoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let [anchor, alike, other] = [0.0, 1.0, 1.5].map(|x| Tensor::<shape![1, 1], f64>::full(x));
    /// let loss = TripletMarginLoss::new().eps(0.0).forward(&anchor, &alike, &other);
    /// assert_eq!(loss.item(), 0.5);
    /// ```
    #[doc(alias = "triplet_margin_loss")]
    TripletMarginLoss[] by Usual {
        /// How much farther than the positive the negative is to be; by default 1.
        margin: f64 = 1.0;
        /// The norm that measures distances; by default 2, the Euclidean one.
        p: f64 = 2.0;
        /// What is added to each difference, so that no distance is 0; by default 1e-6.
        eps: f64 = 1e-6;
        /// Whether the positive takes the anchor's place where it is nearer to the negative; by default not. Balntas, Riba,
        /// Ponsa and Mikolajczyk, "Learning local feature descriptors with triplets and shallow convolutional neural networks",
        /// 2016.
        swap: bool = false;
    }
    /// The loss of vectors `[B, D]`, or of more axes before the last: anchors, vectors that are alike, and others.
    forward<S, P, N, T>(
        anchor: Tensor<S, T>, positive: Tensor<P, T>, negative: Tensor<N, T>
    ) -> [<S as HasAxis<Last>>::Without; T]
    where { S: Said<AnAxis, Last> + SameShape<P> + SameShape<N> + HasAxis<Last>, T: Float, }
    |loss| {
        let &Self { margin, p, eps, swap, .. } = loss;
        let settings = Triplets { margin, p, eps, swap, reduction: R::KIND };
        vectors::triplet_margin(anchor.value(), positive.value(), negative.value(), &settings)
    }
}
