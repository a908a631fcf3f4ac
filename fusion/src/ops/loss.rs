//! Losses: what training makes small.

use super::activation::sigmoid;
use super::binary::{mul_one, mul_scalar, sub};
use super::softmax::softmax;
use crate::dim::{Dim, SameShape};
use crate::graph::{Link, Value, record};
use crate::kernels::{Array, elementwise, loss as kernel};
use crate::tensor::{Float, Tensor};
use crate::{Error, Result};

/// The mean over rows of `-log softmax(x)[label]`; `x` is `[rows, classes]`, `labels` `[rows]` of `i64`.
/// Panics if a label is no class or there are not as many labels as rows.
#[track_caller]
pub fn cross_entropy(x: &Value, labels: &Array) -> Value {
    if let Err(problem) = check_labels(x, labels) {
        panic!("{problem}");
    }
    let rows = labels.count();
    record("cross_entropy", [x.link()], kernel::cross_entropy(x.array(), labels), |_| {
        let (x, labels) = (x.array().clone(), labels.clone());
        move |g, cx| {
            if !cx.is_traced() {
                return [Some(kernel::cross_entropy_grad(&x, &labels, g.item() / rows as f64).into())];
            }
            let zero = elementwise::mul_scalar(x.clone(), 0.0);
            // softmax - (softmax - one_hot) of a constant: the labels as one-hot rows.
            let one_hot = elementwise::sub(
                crate::kernels::softmax::softmax(&zero, 1),
                &kernel::cross_entropy_grad(&zero, &labels, 1.0),
            );
            let y = sub(softmax(&cx.input(0, &x), 1), &one_hot.into());
            [Some(mul_one(mul_scalar(y, 1.0 / rows as f64), &g))]
        }
    })
}

/// One label for each row, each one of the classes; or what is wrong with them.
fn check_labels(x: &Value, labels: &Array) -> Result<()> {
    let (rows, classes) = (x.shape().get(0), x.shape().get(1));
    if labels.count() != rows {
        return Err(Error::shape(format_args!("cross_entropy: {} labels for {rows} rows", labels.count())));
    }
    kernel::check_labels(labels, classes).map_err(|(row, label)| {
        let last = classes.checked_sub(1).map_or(String::new(), |last| format!(" (0 to {last})"));
        let problem =
            format!("cross_entropy: the label of row {row} is {label}, but there are {classes} classes{last}");
        Error::index(label, classes, problem)
    })
}

/// The mean of `-y log sigmoid(x) - (1 - y) log(1 - sigmoid(x))`, stable for any finite `x`. No gradient for `y`.
#[track_caller]
pub fn bce_with_logits(x: &Value, y: &Value) -> Value {
    super::same_shape(x, y);
    refuse_gradient("bce_with_logits", y);
    let share = 1.0 / x.array().count() as f64;
    record("bce_with_logits", [x.link()], kernel::bce_with_logits(x.array(), y.array()), |_| {
        let (x, y) = (x.array().clone(), y.array().clone());
        move |g, cx| {
            if !cx.is_traced() {
                return [Some(kernel::bce_with_logits_grad(x.clone(), &y, g.item() * share).into())];
            }
            let difference = sub(sigmoid(cx.input(0, &x)), &y.clone().into());
            [Some(mul_one(mul_scalar(difference, share), &g))]
        }
    })
}

/// The mean of `(x - y)²`.
#[track_caller]
pub fn mse(x: &Value, y: &Value) -> Value {
    super::same_shape(x, y);
    let share = 2.0 / x.array().count() as f64;
    record("mse_loss", [x.link(), y.link()], kernel::mse(x.array(), y.array()), |_| {
        let (x, y) = (x.array().clone(), y.array().clone());
        move |g, cx| {
            let d = sub(cx.input(0, &x), &cx.input(1, &y));
            let dx = mul_one(mul_scalar(d, share), &g);
            let dy = cx.needs_grad(1).then(|| mul_scalar(dx.clone(), -1.0));
            [cx.needs_grad(0).then_some(dx), dy]
        }
    })
}

/// An operation must not cut the graph silently: an input without a gradient rule may not want one.
#[track_caller]
fn refuse_gradient(operation: &str, y: &Value) {
    assert!(
        !y.link().wants_gradient() && !matches!(y.link(), Link::Inference),
        "{operation} has no gradient for its targets: call detach() on them"
    );
}

impl<B: Dim, C: Dim, T: Float> Tensor<(B, C), T> {
    /// The mean over the batch of `-log softmax(x)[label]`: `[B, C]` scores and `[B]` labels to one number. PyTorch's
    /// `cross_entropy`. Panics if a label is not one of the C classes.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let scores = Tensor::<shape![2, 2]>::from([[1000.0, 0.0], [0.0, 0.0]]);
    /// let loss = scores.cross_entropy(&Tensor::<shape![2], i64>::from([0, 1]));
    /// assert_eq!(loss.item(), 2f32.ln() / 2.0);
    /// ```
    #[doc(alias = "CrossEntropyLoss")]
    #[doc(alias = "nll_loss")]
    #[track_caller]
    pub fn cross_entropy<D>(&self, labels: &Tensor<(D,), i64>) -> Tensor<(), T>
    where
        (B,): SameShape<(D,)>,
    {
        Tensor::wrap(cross_entropy(self.value(), labels.value().array()))
    }

    /// As [`Tensor::cross_entropy`], or an error if a label is not one of the classes, the batches differ, or scores that
    /// lie strangely would be copied and there is no room.
    #[track_caller]
    pub fn try_cross_entropy<D>(&self, labels: &Tensor<(D,), i64>) -> Result<Tensor<(), T>>
    where
        (B,): SameShape<(D,)>,
    {
        check_labels(self.value(), labels.value().array())?;
        let scores = self.value().array();
        if !scores.is_contiguous() {
            Array::room(scores.shape(), scores.dtype())?;
        }
        Ok(self.cross_entropy(labels))
    }
}

impl<S, T: Float> Tensor<S, T> {
    /// The mean binary cross-entropy of `sigmoid(x)`, `-y log sigmoid(x) - (1 - y) log(1 - sigmoid(x))`, stable for
    /// any finite x. The targets y have the same shape and no gradient. PyTorch's
    /// `binary_cross_entropy_with_logits`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (x, y) = (Tensor::<shape![2]>::from([1000.0, 0.0]), Tensor::<shape![2]>::from([1.0, 1.0]));
    /// assert_eq!(x.bce_with_logits(&y).item(), 2f32.ln() / 2.0);
    /// ```
    #[doc(alias = "BCEWithLogitsLoss")]
    #[doc(alias = "binary_cross_entropy_with_logits")]
    #[track_caller]
    pub fn bce_with_logits<R>(&self, targets: &Tensor<R, T>) -> Tensor<(), T>
    where
        S: SameShape<R>,
    {
        Tensor::wrap(bce_with_logits(self.value(), targets.value()))
    }

    /// The mean of `(x - y)²` of two tensors of one shape. PyTorch's `mse_loss`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (x, y) = (Tensor::<shape![2]>::from([1.0, 2.0]), Tensor::<shape![2]>::from([1.0, 4.0]));
    /// assert_eq!(x.mse_loss(&y).item(), 2.0);
    /// ```
    #[doc(alias = "MSELoss")]
    #[track_caller]
    pub fn mse_loss<R>(&self, targets: &Tensor<R, T>) -> Tensor<(), T>
    where
        S: SameShape<R>,
    {
        Tensor::wrap(mse(self.value(), targets.value()))
    }
}
