//! Connectionist temporal classification.

use super::loss;
use crate::dim::{Dim, SameShape};
use crate::ops::loss::ctc::{self, Said};
use crate::tensor::{Float, Tensor};

loss! {
    /// Connectionist temporal classification: minus the logarithm of the probability that a sequence of distributions says a
    /// shorter sequence of labels, when equal classes beside each other count once and blanks are left out. Graves, Fernández,
    /// Gomez and Schmidhuber, "Connectionist temporal classification", 2006. All is computed from logarithms in `f64`, however
    /// long a sequence is.
    ///
    /// [`Mean`](super::Mean) is the mean of the samples, the loss of each divided by the number of its labels. The gradient is
    /// that of the logarithms as they are; behind `log_softmax` it is PyTorch's, which has softmax in it. Gradients have
    /// gradients, and these have none: a third backward pass panics. PyTorch's `CTCLoss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// // Three steps, one sample, a blank and two classes.
    /// let logs = Tensor::<shape![3, 1, 3]>::zeros().log_softmax(Axis::<2>);
    /// let labels = Tensor::from([[1, 2]]);
    /// let loss = CtcLoss::new().reduction(Sum).forward(&logs, &labels, &Tensor::from([3]), &Tensor::from([2]));
    /// // 1 2 may be said as 112, 122, 12-, 1-2 and -12: five of 27.
    /// assert!((loss.item() - (27f32 / 5.0).ln()).abs() < 1e-6);
    /// ```
    #[doc(alias = "CTCLoss")]
    #[doc(alias = "ctc_loss")]
    CtcLoss[] by Usual {
        /// The class that says nothing; by default 0.
        blank: usize = 0;
        /// Whether a sample that no sequence of its length can say has the loss 0 and the gradient 0, in the place of an infinite
        /// loss and a gradient of NaN; by default not.
        zero_infinity: bool = false;
    }
    /// The loss of logarithms `[steps, B, C]` and labels `[B, S]`, with how many steps and how many labels of each sample count,
    /// `[B]` each: what is behind these may be anything.
    forward<L, B, C, N, S, I, J, T>(
        log_probs: Tensor<(L, B, C), T>, targets: Tensor<(N, S), i64>, input_lengths: Tensor<(I,), i64>,
        target_lengths: Tensor<(J,), i64>
    ) -> [(B,); T]
    where { B: Dim, (B,): SameShape<(N,)> + SameShape<(I,)> + SameShape<(J,)>, T: Float, }
    |loss| {
        let said = Said {
            targets: targets.value().array(),
            input_lengths: input_lengths.value().array(),
            target_lengths: target_lengths.value().array(),
            blank: loss.blank,
        };
        ctc::ctc(log_probs.value(), &said, loss.zero_infinity, R::KIND)
    }
}
