//! Losses of pairs of elements: a prediction and its target.

use super::{Reduction, positive, refuse_gradient, same_shape};
use crate::dim::SameShape;
use crate::error::or_panic;
use crate::graph::{Value, record};
use crate::kernels::{Array, DType, Dims, elementwise, loss as kernel, reduce};
use crate::ops::activation::{relu, sigmoid};
use crate::ops::binary::{mul, mul_one, mul_scalar, rsub_scalar, sub};
use crate::ops::choice::choose;
use crate::ops::reduce::all;
use crate::ops::unary::square;
use crate::tensor::{Float, Tensor};
use crate::{Error, Result};

/// A loss of pairs of elements, without settings.
pub type Pair = fn(&Value, &Value, Reduction) -> Result<Value>;

/// What takes the place of the logarithm of probability 0.
const SMALLEST_LOG: f64 = -100.0;
/// What takes the place of the variance `x (1 - x)` of a sure guess.
const SMALLEST_VARIANCE: f64 = 1e-12;
/// A logarithm of what is no more than nothing.
const NOTHING: f64 = -1e30;

fusion_macros::operations! {
    /// `|x - y|`.
    pub fn absolute_error(x, y) = abs(x - y);
    /// `(x - y)^2 / 2` within `delta`, a straight line beyond; times `scale`.
    pub fn huber_error(x, y, delta: f64, scale: f64) = {
        let d = x - y;
        scale * where_(abs(d) > delta, delta * (abs(d) - 0.5 * delta), 0.5 * d * d)
    };
    /// `y (ln(y) - x)`, and 0 where `y` is 0, with no gradient for it.
    pub fn divergence(x, y) = y * (ln(where_(y == 0, 1, y)) - where_(y == 0, 0, x));
    /// `exp(y) (y - x)`, and 0 where `exp(y)` is 0.
    pub fn divergence_of_logs(x, y) = exp(y) * (where_(y < NOTHING, 0, y) - where_(y < NOTHING, 0, x));
    /// `-weight * y log sigmoid(x) - (1 - y) log(1 - sigmoid(x))`.
    pub fn logits_error(x, y, weight) = weight * y * softplus(-x) + (1 - y) * softplus(x);
    /// The gradient of the cross-entropy of a probability `x`, that of the result being `g`.
    pub fn probability_slope(x, y, g) = g * (x - y) / max((1 - x) * x, SMALLEST_VARIANCE);
    /// The gradient of the same by its target.
    pub fn target_slope(x, g) = {
        let yes = where_(x > 0, max(ln(where_(x > 0, x, 1)), SMALLEST_LOG), SMALLEST_LOG);
        let no = where_(x < 1, max(ln_1p(-where_(x < 1, x, 0)), SMALLEST_LOG), SMALLEST_LOG);
        g * (no - yes)
    };
}

/// `(x - y)^2`.
#[track_caller]
pub fn mse(x: &Value, y: &Value, reduction: Reduction) -> Result<Value> {
    same_shape(x, y)?;
    let Some(share) = reduction.share(x.shape()) else { return Ok(square(sub(x.clone(), y))) };
    let total = kernel::squared_error(x.array(), y.array(), share);
    Ok(record("mse_loss", [x.link(), y.link()], total, |_| {
        let (x, y) = (x.array().clone(), y.array().clone());
        move |g, cx| {
            let d = sub(cx.input(0, &x), &cx.input(1, &y));
            let dx = mul_one(mul_scalar(d, 2.0 * share), &g);
            let dy = cx.needs_grad(1).then(|| mul_scalar(dx.clone(), -1.0));
            [cx.needs_grad(0).then_some(dx), dy]
        }
    }))
}

/// `|x - y|`.
#[track_caller]
pub fn l1(x: &Value, y: &Value, reduction: Reduction) -> Result<Value> {
    same_shape(x, y)?;
    Ok(reduction.of(absolute_error(x.clone(), y.clone())))
}

/// `(x - y)^2 / 2` within `delta`, `delta (|x - y| - delta / 2)` beyond.
#[track_caller]
pub fn huber(x: &Value, y: &Value, delta: f64, reduction: Reduction) -> Result<Value> {
    same_shape(x, y)?;
    positive("delta", delta)?;
    Ok(reduction.of(huber_error(x.clone(), y.clone(), delta, 1.0)))
}

/// [`huber`] divided by its width `beta`: [`l1`] where that is 0.
#[track_caller]
pub fn smooth_l1(x: &Value, y: &Value, beta: f64, reduction: Reduction) -> Result<Value> {
    if beta == 0.0 {
        return l1(x, y, reduction);
    }
    same_shape(x, y)?;
    positive("beta", beta)?;
    Ok(reduction.of(huber_error(x.clone(), y.clone(), beta, 1.0 / beta)))
}

/// The terms of the divergence of the distribution `y` from that whose logarithms are `x`; `y` may be logarithms too.
#[track_caller]
pub fn kl_div(x: &Value, y: &Value, log_target: bool, reduction: Reduction) -> Result<Value> {
    same_shape(x, y)?;
    let of = if log_target { divergence_of_logs } else { divergence };
    Ok(reduction.of(of(x.clone(), y.clone())))
}

/// `each` times a weight that stretches to its shape.
#[track_caller]
fn weighted(each: Value, weight: Option<&Value>) -> Result<Value> {
    let Some(weight) = weight else { return Ok(each) };
    fusion_rules::broadcast_to(weight.shape().sizes(), each.shape().sizes())?;
    Ok(mul(each, weight))
}

/// `-y ln(x) - (1 - y) ln(1 - x)` of probabilities; no logarithm is below -100.
#[track_caller]
pub fn binary_cross_entropy(x: &Value, y: &Value, weight: Option<&Value>, reduction: Reduction) -> Result<Value> {
    same_shape(x, y)?;
    let each = kernel::binary_cross_entropy(x.array().clone(), y.array());
    let each = record("binary_cross_entropy", [x.link(), y.link()], each, |_| {
        let (x, y) = (x.array().clone(), y.array().clone());
        move |g, cx| {
            let (x, y) = (cx.input(0, &x), cx.input(1, &y));
            let dy = cx.needs_grad(1).then(|| target_slope(x.clone(), g.clone()));
            [cx.needs_grad(0).then(|| probability_slope(x, y, g)), dy]
        }
    });
    // The logarithm of what is no probability is NaN: so the usual case takes no look at each.
    let total = reduce::sum(each.array(), all(&each), false);
    if Value::from(total).item().is_nan() {
        let list = elementwise::cast(x.array(), DType::F64).to_vec::<f64>();
        if let Some(place) = list.iter().position(|p| *p < 0.0 || *p > 1.0) {
            let problem = format!(
                "binary_cross_entropy: the element at place {place} is {}, but probabilities are from 0 to 1; \
                `bce_with_logits` takes scores",
                list[place]
            );
            return Err(Error::argument("input", problem));
        }
    }
    Ok(reduction.of(weighted(each, weight)?))
}

/// [`binary_cross_entropy`] of `sigmoid(x)`, stable for any finite `x`; that of targets of 1 times `pos_weight`.
#[track_caller]
pub fn bce_with_logits(
    x: &Value,
    y: &Value,
    [weight, pos_weight]: [Option<&Value>; 2],
    reduction: Reduction,
) -> Result<Value> {
    same_shape(x, y)?;
    let plain = weight.is_none() && pos_weight.is_none() && !y.link().wants_gradient();
    let Some(share) = reduction.share(x.shape()).filter(|_| plain) else {
        let one = Array::full_float(x.dtype(), 1.0, Dims::default()).into();
        let pos_weight = pos_weight.unwrap_or(&one);
        fusion_rules::broadcast_to(pos_weight.shape().sizes(), x.shape().sizes())?;
        let each = logits_error(x.clone(), y.clone(), pos_weight.clone());
        return Ok(reduction.of(weighted(each, weight)?));
    };
    refuse_gradient("bce_with_logits", "targets", y);
    let total = kernel::bce_with_logits(x.array(), y.array(), share);
    Ok(record("bce_with_logits", [x.link()], total, |_| {
        let (x, y) = (x.array().clone(), y.array().clone());
        move |g, cx| {
            if !cx.is_traced() {
                return [Some(kernel::bce_with_logits_grad(x.clone(), &y, g.item() * share).into())];
            }
            let difference = sub(sigmoid(cx.input(0, &x)), &y.clone().into());
            [Some(mul_one(mul_scalar(difference, share), &g))]
        }
    }))
}

/// 1 for labels of 1 and 0 for those of -1, in the type of `like`; or an error if there is another one.
pub(super) fn signs(name: &str, labels: &Array, like: &Value) -> Result<Array> {
    let list = labels.to_vec::<i64>();
    if let Some(place) = list.iter().position(|label| label.abs() != 1) {
        let problem = format!("{name}: the label at place {place} is {}, but labels are 1 or -1", list[place]);
        return Err(Error::argument("labels", problem));
    }
    let ones = Array::from_fn(*labels.shape(), |i| list[i] > 0);
    Ok(elementwise::cast(&ones, like.dtype()))
}

/// `x` where the label is 1, and what of `margin` it leaves where the label is -1.
#[track_caller]
pub fn hinge_embedding(x: &Value, labels: &Array, margin: f64, reduction: Reduction) -> Result<Value> {
    fusion_rules::same_shape(x.shape().sizes(), labels.shape().sizes())?;
    Array::room(x.shape(), x.dtype())?;
    let alike = signs("HingeEmbeddingLoss", labels, x)?;
    Ok(reduction.of(choose(x.clone(), &relu(rsub_scalar(margin, x.clone())), alike)))
}

/// The typed methods: what they compute, their names, PyTorch's names, their number, and an example.
macro_rules! methods {
    ($(
        $(#[$doc:meta])*
        $name:ident $torch:literal $Layer:literal ($($argument:ident = $value:literal)?) $x:tt $y:tt => $z:literal
            = $f:expr;
    )*) => { impl<S, T: Float> Tensor<S, T> { $(
        $(#[$doc])*
        ///
        /// Both have one shape, and the result is one number; of nothing it is NaN, as in PyTorch. Both have gradients.
        #[doc = concat!(
            "[`nn::loss`](crate::nn::loss) has the settings: `", $Layer, "`. PyTorch's `", $torch,
            "`.\n\n# Panics\n\nIf two sizes known at run time differ, or the setting is out of its range.\n\n",
            "```\nlet (x, y) = (fusion::Tensor::from(", stringify!($x), "), fusion::Tensor::from(", stringify!($y),
            "));\nassert_eq!(x.", stringify!($name), "(&y" $(, ", ", $value)?, ").item(), ", $z, ");\n```"
        )]
        #[doc(alias = $Layer)]
        #[track_caller]
        pub fn $name<R>(&self, targets: &Tensor<R, T> $(, $argument: f64)?) -> Tensor<(), T>
        where
            S: SameShape<R>,
        {
            let of: fn(&Value, &Value $(, methods!(@f64 $argument))?) -> Result<Value> = $f;
            Tensor::wrap(or_panic(of(self.value(), targets.value() $(, $argument)?)))
        }
    )* } };
    (@f64 $argument:ident) => { f64 };
}
methods! {
    /// The mean of `(x - y)²`.
    mse_loss "mse_loss" "MseLoss" () [1.0, 2.0] [1.0, 4.0] => "2.0" = |x, y| mse(x, y, Reduction::Mean);
    /// The mean of `|x - y|`; the gradient is 0 where they are equal.
    l1_loss "l1_loss" "L1Loss" () [1.0, 2.0] [1.0, 4.0] => "1.0" = |x, y| l1(x, y, Reduction::Mean);
    /// The mean of `(x - y)² / 2` within `delta`, and of `delta (|x - y| - delta / 2)` beyond. Huber, "Robust estimation of a
    /// location parameter", 1964.
    huber_loss "huber_loss" "HuberLoss" (delta = "2.0") [1.0, 0.0] [2.0, 4.0] => "3.25" =
        |x, y, delta| huber(x, y, delta, Reduction::Mean);
    /// The mean of `(x - y)² / (2 beta)` within `beta`, and of `|x - y| - beta / 2` beyond; `l1_loss` for 0. Girshick,
    /// [Fast R-CNN](https://arxiv.org/abs/1504.08083), 2015.
    smooth_l1_loss "smooth_l1_loss" "SmoothL1Loss" (beta = "2.0") [1.0, 0.0] [2.0, 4.0] => "1.625" =
        |x, y, beta| smooth_l1(x, y, beta, Reduction::Mean);
    /// The mean of `y (ln(y) - x)` of logarithms x of probabilities and probabilities y. The divergence of distributions is the
    /// sum of these: [`KlDivLoss`](crate::nn::loss::KlDivLoss) with `reduction(BatchMean)`. Where y is 0 the term and its
    /// gradients are 0, whatever x is. Kullback and Leibler, "On information and sufficiency", 1951.
    kl_div "kl_div" "KlDivLoss" () [0.0, -1.0] [1.0, 0.0] => "0.0" = |x, y| kl_div(x, y, false, Reduction::Mean);
    /// The mean of `-y ln(x) - (1 - y) ln(1 - x)` of probabilities x and targets y from 0 to 1. No logarithm is below -100, and
    /// the slope is that of a probability of 1e-12 nearer to the middle, so that no guess is lost for ever; scores have
    /// [`Tensor::bce_with_logits`], which needs neither.
    binary_cross_entropy "binary_cross_entropy" "BceLoss" () [1.0, 0.0] [1.0, 1.0] => "50.0" =
        |x, y| binary_cross_entropy(x, y, None, Reduction::Mean);
    /// The mean of `-y log sigmoid(x) - (1 - y) log(1 - sigmoid(x))` of scores x and targets y from 0 to 1, stable for any
    /// finite x.
    #[doc(alias = "binary_cross_entropy_with_logits")]
    bce_with_logits "binary_cross_entropy_with_logits" "BceWithLogitsLoss" () [1000.0, 0.0] [1.0, 1.0] => "2f64.ln() / 2.0" =
        |x, y| bce_with_logits(x, y, [None, None], Reduction::Mean);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::binary::add_scalar;
    use crate::ops::derivatives::{any, first_and_second};

    const REDUCTIONS: [Reduction; 4] = [Reduction::Each, Reduction::Sum, Reduction::Mean, Reduction::BatchMean];

    #[test]
    fn gradients() {
        let x = [any(1, &[3, 5]), any(2, &[3, 5])];
        // Probabilities away from 0 and 1.
        let p = [1, 2].map(|kind| mul_scalar(add_scalar(any(kind, &[3, 5]), 1.25), 0.4));
        let labels = Array::from_fn(Dims::new(&[3, 5]), |i| if i % 3 == 0 { 1i64 } else { -1 });
        for reduction in REDUCTIONS {
            let pairs: [&dyn Fn(&Value, &Value) -> Result<Value>; 6] = [
                &|x, y| mse(x, y, reduction),
                &|x, y| l1(x, y, reduction),
                &|x, y| huber(x, y, 0.75, reduction),
                &|x, y| smooth_l1(x, y, 0.5, reduction),
                &|x, y| kl_div(x, y, true, reduction),
                &|x, y| bce_with_logits(x, y, [None, None], reduction),
            ];
            for f in pairs {
                first_and_second(&x, |x| f(&x[0], &x[1]).unwrap());
            }
            first_and_second(&p, |x| kl_div(&x[0], &x[1], false, reduction).unwrap());
            first_and_second(&p, |x| binary_cross_entropy(&x[0], &x[1], None, reduction).unwrap());
            let constant = p[0].clone();
            first_and_second(&x[..1], |x| bce_with_logits(&x[0], &constant, [None, None], reduction).unwrap());
            first_and_second(&x[..1], |x| hinge_embedding(&x[0], &labels, 0.5, reduction).unwrap());
            // Weights have gradients, too.
            let weights = [x[0].clone(), p[1].clone(), any(3, &[5]), any(4, &[3, 1])];
            first_and_second(&weights, |x| {
                bce_with_logits(&x[0], &x[1], [Some(&x[2]), Some(&x[3])], reduction).unwrap()
            });
            let weights = [p[0].clone(), p[1].clone(), any(3, &[5])];
            first_and_second(&weights, |x| binary_cross_entropy(&x[0], &x[1], Some(&x[2]), reduction).unwrap());
        }
    }

    fn vector(x: &[f64]) -> Value {
        Array::from_slice(x, Dims::new(&[x.len()])).into()
    }

    /// The results and the gradients by both.
    fn each_of(f: impl Fn(&Value, &Value) -> Result<Value>, x: &[f64], y: &[f64]) -> [Vec<f64>; 3] {
        let (x, y) = (vector(x).watch(), vector(y).watch());
        let z = f(&x, &y).unwrap();
        let values = z.array().to_vec();
        let grads = z.backward(vector(&vec![1.0; x.array().count()]));
        let of = |leaf: &Value| grads.get_value(leaf.link()).unwrap().array().to_vec();
        [values, of(&x), of(&y)]
    }

    #[test]
    fn nothing_and_sure_guesses() {
        let each = Reduction::Each;
        let [z, x, y] = each_of(|x, y| kl_div(x, y, false, each), &[f64::NEG_INFINITY, -1.0], &[0.0, 1.0]);
        assert_eq!((z, x, y), (vec![0.0, 1.0], vec![0.0, -1.0], vec![0.0, 2.0]));
        let nothing = f64::NEG_INFINITY;
        let [z, x, y] = each_of(|x, y| kl_div(x, y, true, each), &[nothing, -1.0], &[nothing, 0.0]);
        assert_eq!((z, x, y), (vec![0.0, 1.0], vec![0.0, -1.0], vec![0.0, 2.0]));
        let [z, x, y] =
            each_of(|x, y| binary_cross_entropy(x, y, None, each), &[0.0, 1.0, 0.0, 1.0], &[0.0, 1.0, 1.0, 0.0]);
        assert_eq!((z, x), (vec![0.0, 0.0, 100.0, 100.0], vec![0.0, 0.0, -1e12, 1e12]));
        assert_eq!(y, [100.0, -100.0, 100.0, -100.0]);
        // Far out the slope of a score is as small as it is, not 0.
        let [_, x, _] = each_of(|x, y| bce_with_logits(x, y, [None, None], each), &[-60.0, 60.0], &[0.0, 1.0]);
        assert!(x[0] > 0.0 && (x[0] / (-60f64).exp() - 1.0).abs() < 1e-12 && x[1] == -x[0], "{x:?}");
    }

    #[test]
    fn kinks() {
        let each = Reduction::Each;
        let [z, x, _] = each_of(|x, y| huber(x, y, 1.0, each), &[1.0, -1.0, 0.0, 2.0], &[0.0; 4]);
        assert_eq!((z, x), (vec![0.5, 0.5, 0.0, 1.5], vec![1.0, -1.0, 0.0, 1.0]));
        let [z, x, _] = each_of(|x, y| smooth_l1(x, y, 0.0, each), &[1.0, -1.0, 0.0, 2.0], &[0.0; 4]);
        assert_eq!((z, x), (vec![1.0, 1.0, 0.0, 2.0], vec![1.0, -1.0, 0.0, 1.0]));
    }

    #[test]
    fn mistakes() {
        let said = |result: Result<Value>| result.err().expect("a mistake").to_string();
        let (two, three) = (vector(&[0.5, 1.5]), vector(&[0.0; 3]));
        assert_eq!(said(mse(&two, &three, Reduction::Mean)), "the shapes must be equal, but they are [2] and [3]");
        assert_eq!(said(huber(&two, &two, 0.0, Reduction::Mean)), "delta must be a positive number, but is 0");
        assert!(smooth_l1(&two, &two, -1.0, Reduction::Mean).is_err());
        let bce = binary_cross_entropy(&two, &two, None, Reduction::Mean);
        assert!(said(bce).contains("the element at place 1 is 1.5, but probabilities are from 0 to 1"));
        let labels = Array::from_slice(&[1i64, 0], Dims::new(&[2]));
        let hinge = hinge_embedding(&two, &labels, 1.0, Reduction::Mean);
        assert_eq!(said(hinge), "HingeEmbeddingLoss: the label at place 1 is 0, but labels are 1 or -1");
        assert!(bce_with_logits(&two, &two, [Some(&three), None], Reduction::Mean).is_err());
        assert!(bce_with_logits(&two, &two, [None, Some(&three)], Reduction::Mean).is_err());
    }
}
