//! Losses of classes: scores against labels, or against probabilities.

use super::{Reduction, refuse_gradient};
use crate::dim::{Probabilities, SameShape, Scores, Shape};
use crate::error::or_panic;
use crate::graph::{Value, record, will_record};
use crate::kernels::{Array, Dims, Element, elementwise, loss as kernel, reduce};
use crate::ops::activation::relu;
use crate::ops::binary::{add, add_scalar, mul, mul_one, mul_scalar, sub};
use crate::ops::choice::choose;
use crate::ops::reduce::{all, sum};
use crate::ops::shape::reshape;
use crate::ops::softmax::{self, log_softmax};
use crate::ops::unary::square;
use crate::tensor::{Float, Tensor};
use crate::{Error, Result};

/// What scores are held against.
#[derive(Clone, Copy, Debug)]
pub enum Targets<'a> {
    /// A label for each sample, `i64`.
    Labels(&'a Array),
    /// A probability for each score.
    Probabilities(&'a Value),
}

/// The settings of a loss of classes.
#[derive(Clone, Copy, Debug)]
pub struct Classes<'a> {
    /// What is made of the losses.
    pub reduction: Reduction,
    /// A weight for each class.
    pub weight: Option<&'a Value>,
    /// The label of samples that count for nothing.
    pub ignore_index: i64,
    /// The share of the target that all classes have.
    pub label_smoothing: f64,
}

impl Classes<'_> {
    /// PyTorch's settings.
    pub const DEFAULT: Self =
        Self { reduction: Reduction::Mean, weight: None, ignore_index: -100, label_smoothing: 0.0 };
}

/// The largest number of either type, with its sign turned.
const LOWEST: f64 = f32::MIN as f64;

fusion_macros::operations! {
    /// `-q x` of a logarithm and a probability: 0 where the probability is 0, even of probability 0.
    pub fn surprise(x, q) = -(q * where_(q == 0, max(x, LOWEST), x));
}

/// Labels that were checked.
struct Labels {
    /// -1 for those to be ignored.
    clean: Array,
    /// The weight of each, unless all are 1.
    weights: Option<Array>,
    /// By what their sum is divided for the mean.
    total: f64,
}

impl Labels {
    /// Of scores `x`; or what is wrong with them.
    fn check(name: &str, x: &Value, labels: &Array, settings: &Classes<'_>) -> Result<Self> {
        let (shape, classes) = (x.shape(), x.shape().get(1));
        if *labels.shape() != shape.without(1) {
            return Err(Error::shape(match shape.rank() {
                2 => format!("{name}: {} labels for {} rows", labels.count(), shape.get(0)),
                _ => format!("{name}: labels of shape {:?} for scores of shape {shape:?}", labels.shape()),
            }));
        }
        Array::room(shape, x.dtype())?;
        Array::room(labels.shape(), labels.dtype())?;
        let (clean, ignored) =
            kernel::check_labels(labels, classes, Some(settings.ignore_index)).map_err(|(place, label)| {
                let place = match shape.rank() {
                    2 => format!("of row {place}"),
                    _ => format!("at {:?}", index(labels.shape(), place)),
                };
                let last = classes.checked_sub(1).map_or(String::new(), |last| format!(" (0 to {last})"));
                let problem = format!("{name}: the label {place} is {label}, but there are {classes} classes{last}");
                Error::index(label, classes, problem)
            })?;
        let weights = match settings.weight {
            Some(weight) => Some(class_weights(name, x, weight)?.clone()),
            None if ignored > 0 => Some(Array::full_float(x.dtype(), 1.0, Dims::default())),
            None => None,
        };
        let weights = weights.map(|weights| kernel::label_weights(&clean, &weights));
        let total = weights.as_ref().map_or(clean.count() as f64, |weights| {
            Value::from(reduce::sum(weights, (1 << weights.shape().rank()) - 1, false)).item()
        });
        Ok(Self { clean, weights, total })
    }

    /// `each` times the weight of its label and `factor`.
    #[track_caller]
    fn weigh(&self, each: Value, factor: f64) -> Value {
        match &self.weights {
            None => mul_scalar(each, factor),
            Some(weights) => mul(each, &elementwise::mul_scalar(weights.clone(), factor).into()),
        }
    }

    /// What the reduction makes of the losses, that were weighed: the mean is that of the weights.
    #[track_caller]
    fn reduce(&self, each: Value, reduction: Reduction) -> Value {
        match reduction {
            Reduction::Each => each,
            Reduction::Mean => mul_scalar(sum(&each, all(&each), false), 1.0 / self.total),
            Reduction::Sum | Reduction::BatchMean => reduction.of(each),
        }
    }
}

/// The place with this number in C order, as an index.
fn index(shape: &Dims, place: usize) -> Vec<usize> {
    let mut rest = place;
    let mut index: Vec<usize> = (0..shape.rank())
        .rev()
        .map(|axis| {
            let at = rest % shape.get(axis);
            rest /= shape.get(axis);
            at
        })
        .collect();
    index.reverse();
    index
}

/// One weight for each class, with no gradient.
fn class_weights<'a>(name: &str, x: &Value, weight: &'a Value) -> Result<&'a Array> {
    refuse_gradient(name, "weights", weight);
    let (count, classes) = (weight.array().count(), x.shape().get(1));
    if count != classes {
        return Err(Error::shape(format!("{name}: {count} weights for {classes} classes")));
    }
    Ok(weight.array())
}

/// The scores' shape with only the axis of the classes.
fn along_classes(x: &Value) -> Dims {
    let mut shape = Dims::default();
    for axis in 0..x.shape().rank() {
        shape.push(if axis == 1 { x.shape().get(1) } else { 1 });
    }
    shape
}

/// `-log softmax(x)` of what the targets say, of scores `[samples, classes, ..]`.
#[track_caller]
pub fn cross_entropy(x: &Value, targets: Targets<'_>, settings: &Classes<'_>) -> Result<Value> {
    let name = "cross_entropy";
    let &Classes { reduction, weight, label_smoothing: smoothing, .. } = settings;
    let classes = x.shape().get(1);
    if !(0.0..=1.0).contains(&smoothing) {
        return Err(Error::argument(
            "label_smoothing",
            format!("label_smoothing must be from 0 to 1, but is {smoothing}"),
        ));
    }
    // Of no classes there is no share.
    let share = if smoothing == 0.0 { 0.0 } else { smoothing / classes as f64 };
    let labels = match targets {
        Targets::Labels(labels) => Labels::check(name, x, labels, settings)?,
        Targets::Probabilities(y) => {
            super::same_shape(x, y)?;
            let mut q = y.clone();
            if smoothing != 0.0 {
                q = add_scalar(mul_scalar(q, 1.0 - smoothing), share);
            }
            if let Some(weight) = weight {
                q = mul(q, &class_weights(name, x, weight)?.reshape(&along_classes(x)).into());
            }
            let each = sum(&surprise(log_softmax(x, 1), q), 0b10, false);
            return Ok(reduction.of(each));
        }
    };
    if smoothing == 0.0 && x.shape().rank() == 2 {
        return Ok(rows(x, labels, reduction));
    }
    let logs = log_softmax(x, 1);
    let mut each = labels.weigh(pick(&logs, &labels.clean), smoothing - 1.0);
    if smoothing != 0.0 {
        let logs = match weight {
            None => logs,
            Some(weight) => mul(logs, &weight.array().reshape(&along_classes(x)).into()),
        };
        let mut spread = mul_scalar(sum(&logs, 0b10, false), -share);
        if labels.weights.is_some() {
            // Chosen, not multiplied: what is ignored may be infinite.
            let one = Array::full_float(x.dtype(), 1.0, Dims::default());
            let counts = kernel::label_weights(&labels.clean, &one);
            spread = choose(spread, &Array::full_float(x.dtype(), 0.0, Dims::default()).into(), counts);
        }
        each = add(each, &spread);
    }
    Ok(labels.reduce(each, reduction))
}

/// [`cross_entropy`] of rows and labels in one pass, which finds the gradient as well if that will be asked for: all that it
/// takes is there.
#[track_caller]
fn rows(x: &Value, labels: Labels, reduction: Reduction) -> Value {
    let Labels { clean, weights, total } = labels;
    let each = reduction == Reduction::Each;
    let share = if reduction == Reduction::Mean { 1.0 / total } else { 1.0 };
    let recorded = will_record(&[x.link()]);
    let (y, gradient) = kernel::cross_entropy(x.array(), &clean, weights.as_ref(), share, each, recorded);
    // The gradient of the result, for each row or for all.
    let times = move |x: Value, g: Value| {
        if each {
            let rows = g.shape().with(1, 1);
            mul(x, &reshape(g, &rows))
        } else if g.traced().is_none() && g.item() == 1.0 {
            x
        } else {
            mul_one(x, &g)
        }
    };
    record("cross_entropy", [x.link()], y, |_| {
        let gradient = gradient.expect("it will be asked for");
        move |g, cx| {
            if !cx.is_traced() {
                return [Some(times(gradient.clone().into(), g))];
            }
            let column = clean.shape().with(1, 1);
            let factors = weights.as_ref().map_or_else(
                || Array::full_float(gradient.dtype(), share, Dims::default()),
                |weights| elementwise::mul_scalar(weights.reshape(&column), share),
            );
            let ones = Array::full_float(gradient.dtype(), 1.0, *clean.shape());
            let hot = kernel::put(&ones, &clean, gradient.shape().get(1));
            // Back from the gradient to the softmax. Rows that count for nothing have neither.
            let nothing = Array::full_float(gradient.dtype(), 0.0, Dims::default());
            let divisors = elementwise::add(factors.clone(), &elementwise::eq_mask(factors.clone(), &nothing));
            let p = elementwise::add(elementwise::div(gradient.clone(), &divisors), &hot);
            let p = softmax::recorded(&cx.input(0, &p), p, 1);
            [Some(times(mul(sub(p, &hot.into()), &factors.into()), g))]
        }
    })
}

/// Of `x` `[samples, classes, ..]` the element at each clean label, and 0 where it is ignored.
#[track_caller]
fn pick(x: &Value, labels: &Array) -> Value {
    let classes = x.shape().get(1);
    record("pick", [x.link()], kernel::pick(x.array(), labels), |_| {
        let labels = labels.clone();
        move |g, _| [Some(put(&g, &labels, classes))]
    })
}

/// Zeros, and each element of `x` at its label: the gradient of [`pick`].
#[track_caller]
fn put(x: &Value, labels: &Array, classes: usize) -> Value {
    record("put", [x.link()], kernel::put(x.array(), labels, classes), |_| {
        let labels = labels.clone();
        move |g, _| [Some(pick(&g, &labels))]
    })
}

/// Minus the logarithm of a probability at each label: `x` has the logarithms.
#[track_caller]
pub fn nll(x: &Value, labels: &Array, settings: &Classes<'_>) -> Result<Value> {
    let labels = Labels::check("nll_loss", x, labels, settings)?;
    let each = labels.weigh(pick(x, &labels.clean), -1.0);
    Ok(labels.reduce(each, settings.reduction))
}

/// The mean over classes of `max(0, margin - x[label] + x[class])^p`, the label's own left out, of scores `[samples, classes]`.
#[track_caller]
pub fn multi_margin(x: &Value, labels: &Array, p: u32, margin: f64, settings: &Classes<'_>) -> Result<Value> {
    if !(1..=2).contains(&p) {
        return Err(Error::argument("p", format!("p must be 1 or 2, but is {p}")));
    }
    let labels = Labels::check("MultiMarginLoss", x, labels, settings)?;
    let column = labels.clean.shape().with(1, 1);
    let own = reshape(pick(x, &labels.clean), &column);
    let mut beyond = relu(add_scalar(sub(x.clone(), &own), margin));
    if p == 2 {
        beyond = square(beyond);
    }
    let ones = Array::full_float(x.dtype(), 1.0, *labels.clean.shape());
    let others = elementwise::rsub_scalar(kernel::put(&ones, &labels.clean, x.shape().get(1)), 1.0);
    let each = sum(&mul(beyond, &others.into()), 0b10, false);
    let each = labels.weigh(each, 1.0 / x.shape().get(1) as f64);
    // The mean is that of the samples.
    Ok(settings.reduction.of(each))
}

/// What scores of the shape `S` and the type `T` may be held against: labels, which are `i64` and have the shape of the scores
/// without the classes, or probabilities, which have the shape and the type of the scores. `L` is their shape.
///
/// ```
/// use fusion::nn::loss::Target;
/// use fusion::prelude::*;
///
/// fn fits<S, L, T: Float, E: Target<S, L, T>>() {}
/// fits::<shape![32, 10], shape![32], f32, i64>();
/// fits::<shape![32, 10], shape![32, 10], f32, f32>();
/// fits::<shape![Dyn, 21, 64, 48], shape![Dyn, 64, 48], f32, i64>();
/// ```
#[diagnostic::on_unimplemented(
    message = "the targets of scores of `{T}` are labels of `i64` or probabilities of `{T}`, not `{Self}`",
    label = "neither labels nor probabilities",
    note = "`.cast::<i64>()` makes labels of whole numbers"
)]
pub trait Target<S, L, T>: Element {
    /// The shape of the losses: one for each label.
    type Each: Shape;

    /// The targets at run time.
    #[doc(hidden)]
    fn targets(targets: &Tensor<L, Self>) -> Targets<'_>;
}

impl<S, L, T> Target<S, L, T> for i64
where
    S: Scores<Labels: SameShape<L>>,
{
    type Each = <S::Labels as SameShape<L>>::Both;

    fn targets(targets: &Tensor<L, Self>) -> Targets<'_> {
        Targets::Labels(targets.value().array())
    }
}

impl<S, L, T: Float> Target<S, L, T> for T
where
    S: Scores + Probabilities<L>,
{
    type Each = S::Labels;

    fn targets(targets: &Tensor<L, Self>) -> Targets<'_> {
        Targets::Probabilities(targets.value())
    }
}

impl<S, T: Float> Tensor<S, T> {
    /// The mean over the batch of `-log softmax(x)[label]`: `[B, C]` scores and `[B]` labels to one number. Scores
    /// `[B, C, H, W]` of the pixels of images have labels `[B, H, W]`. Samples whose label is -100 count for nothing; of no
    /// others the mean is NaN, as in PyTorch.
    ///
    /// Targets of the shape and type of the scores are probabilities: the loss of a sample is `-sum(y * log softmax(x))`, and
    /// both have gradients. What has probability 0 adds nothing, even where its score is `-inf`. A row of which all scores are
    /// `-inf` is NaN, as there is no distribution.
    ///
    /// [`CrossEntropyLoss`](crate::nn::loss::CrossEntropyLoss) has the settings: weights of classes, another ignored label, label
    /// smoothing, sums, no reduction. PyTorch's `cross_entropy`.
    ///
    /// # Panics
    ///
    /// If a label is not one of the C classes, or two sizes known at run time differ. [`Tensor::try_cross_entropy`] gives an
    /// error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let scores = Tensor::<shape![2, 2]>::from([[1000.0, 0.0], [0.0, 0.0]]);
    /// let loss = scores.cross_entropy(&Tensor::<shape![2], i64>::from([0, 1]));
    /// assert_eq!(loss.item(), 2f32.ln() / 2.0);
    /// let same = scores.cross_entropy(&Tensor::from([[1.0, 0.0], [0.0, 1.0]]));
    /// assert_eq!(same.item(), loss.item());
    /// ```
    #[doc(alias = "CrossEntropyLoss")]
    #[track_caller]
    pub fn cross_entropy<L, E>(&self, targets: &Tensor<L, E>) -> Tensor<(), T>
    where
        E: Target<S, L, T>,
    {
        or_panic(self.try_cross_entropy(targets))
    }

    /// As [`Tensor::cross_entropy`], or an error if a label is not one of the classes, two sizes differ, or scores that have to
    /// be copied into C order do not fit into memory.
    #[track_caller]
    pub fn try_cross_entropy<L, E>(&self, targets: &Tensor<L, E>) -> Result<Tensor<(), T>>
    where
        E: Target<S, L, T>,
    {
        Ok(Tensor::wrap(cross_entropy(self.value(), E::targets(targets), &Classes::DEFAULT)?))
    }

    /// The mean over the batch of `-x[label]`: `[B, C]` logarithms of probabilities, as [`Tensor::log_softmax`] gives them, and
    /// `[B]` labels to one number; `[B, C, H, W]` and `[B, H, W]` as well. Samples whose label is -100 count for nothing.
    /// [`NllLoss`](crate::nn::loss::NllLoss) has the settings. PyTorch's `nll_loss`.
    ///
    /// # Panics
    ///
    /// If a label is not one of the C classes, or two sizes known at run time differ. [`Tensor::try_nll_loss`] gives an error
    /// instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let logs = Tensor::<shape![2, 2]>::from([[-0.5, -1.0], [-2.0, 0.0]]);
    /// assert_eq!(logs.nll_loss(&Tensor::from([1, 0])).item(), 1.5);
    /// ```
    #[doc(alias = "NLLLoss")]
    #[track_caller]
    pub fn nll_loss<L>(&self, labels: &Tensor<L, i64>) -> Tensor<(), T>
    where
        S: Scores<Labels: SameShape<L>>,
    {
        or_panic(self.try_nll_loss(labels))
    }

    /// As [`Tensor::nll_loss`], or an error if a label is not one of the classes or two sizes differ.
    #[track_caller]
    pub fn try_nll_loss<L>(&self, labels: &Tensor<L, i64>) -> Result<Tensor<(), T>>
    where
        S: Scores<Labels: SameShape<L>>,
    {
        Ok(Tensor::wrap(nll(self.value(), labels.value().array(), &Classes::DEFAULT)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::derivatives::{any, first_and_second};

    const REDUCTIONS: [Reduction; 3] = [Reduction::Each, Reduction::Sum, Reduction::Mean];

    /// Labels of all classes, some of which are 3: another class, or to be ignored.
    fn labels(shape: &[usize]) -> Array {
        Array::from_fn(Dims::new(shape), |i| (i * 3 % 4) as i64)
    }

    #[test]
    fn gradients() {
        let weight = Value::from(Array::from_slice(&[0.5, 2.0, 0.0, 1.5], Dims::new(&[4])));
        for shape in [&[5, 4][..], &[2, 4, 3], &[2, 4, 2, 2]] {
            let x = [any(1, shape), mul_scalar(add_scalar(any(2, shape), 1.5), 0.2)];
            let labels = labels(&[&shape[..1], &shape[2..]].concat());
            for reduction in REDUCTIONS {
                for (weight, ignore_index, label_smoothing) in [
                    (None, -100, 0.0),
                    (None, 3, 0.0),
                    (Some(&weight), -100, 0.0),
                    (Some(&weight), 1, 0.0),
                    (None, -100, 0.25),
                    (Some(&weight), 3, 0.25),
                ] {
                    let settings = Classes { reduction, weight, ignore_index, label_smoothing };
                    let of = |x: &[Value]| cross_entropy(&x[0], Targets::Labels(&labels), &settings).unwrap();
                    first_and_second(&x[..1], of);
                    first_and_second(&x[..1], |x| nll(&x[0], &labels, &settings).unwrap());
                    let of = |x: &[Value]| cross_entropy(&x[0], Targets::Probabilities(&x[1]), &settings).unwrap();
                    first_and_second(&x, of);
                    if shape.len() == 2 {
                        first_and_second(&x[..1], |x| multi_margin(&x[0], &labels, 2, 0.75, &settings).unwrap());
                        first_and_second(&x[..1], |x| multi_margin(&x[0], &labels, 1, 0.75, &settings).unwrap());
                    }
                }
            }
        }
        // More classes than a short row.
        let labels = Array::from_fn(Dims::new(&[3]), |i| (i * 17) as i64);
        let of =
            |x: &Value| cross_entropy(x, Targets::Labels(&labels), &Classes { ignore_index: 17, ..Classes::DEFAULT });
        first_and_second(&[any(1, &[3, 40])], |x| of(&x[0]).unwrap());
    }

    /// The loss, and the gradient of the scores.
    fn with_gradient(x: &[f32], shape: [usize; 2], targets: Targets<'_>, settings: &Classes<'_>) -> (f64, Vec<f32>) {
        let x = Value::from(Array::from_slice(x, Dims::new(&shape))).watch();
        let y = cross_entropy(&x, targets, settings).unwrap();
        let loss = y.item();
        let grads = y.backward(Array::full(1f32, Dims::default()).into());
        (loss, grads.get_value(x.link()).unwrap().array().to_vec())
    }

    #[test]
    fn special_rows() {
        let inf = f32::INFINITY;
        let plain = Classes::DEFAULT;
        let label = Array::from_slice(&[1i64], Dims::new(&[1]));
        let (loss, gradient) = with_gradient(&[-inf, 0.0, 0.0], [1, 3], Targets::Labels(&label), &plain);
        assert!((loss - 2f64.ln()).abs() < 1e-7 && gradient == [0.0, -0.5, 0.5]);
        let probabilities = Value::from(Array::from_slice(&[0f32, 0.5, 0.5], Dims::new(&[1, 3])));
        let (loss, gradient) = with_gradient(&[-inf, 0.0, 0.0], [1, 3], Targets::Probabilities(&probabilities), &plain);
        assert!((loss - 2f64.ln()).abs() < 1e-7 && gradient == [0.0; 3], "{loss} {gradient:?}");
        // One class is sure.
        let (loss, gradient) =
            with_gradient(&[7.0], [1, 1], Targets::Labels(&Array::full(0i64, Dims::new(&[1]))), &plain);
        assert_eq!((loss, gradient), (0.0, vec![0.0]));
        // A row that is ignored may hold anything, whatever the settings.
        let labels = Array::from_slice(&[-100i64, 0], Dims::new(&[2]));
        for label_smoothing in [0.0, 0.1] {
            let settings = Classes { label_smoothing, ..plain };
            let x = [-inf, -inf, f32::NAN, 0.0, 0.0, 0.0];
            let (loss, gradient) = with_gradient(&x, [2, 3], Targets::Labels(&labels), &settings);
            assert!((loss - 3f64.ln()).abs() < 1e-6, "{loss}");
            assert!(label_smoothing > 0.0 || gradient.iter().all(|x| x.is_finite()), "{gradient:?}");
        }
        // All ignored, and none there: the mean of nothing.
        let ignored = Array::full(-100i64, Dims::new(&[1]));
        let (loss, gradient) = with_gradient(&[1.0, 2.0], [1, 2], Targets::Labels(&ignored), &plain);
        assert!(loss.is_nan() && gradient == [0.0, 0.0]);
        let none = Array::full(0i64, Dims::new(&[0]));
        assert!(with_gradient(&[], [0, 2], Targets::Labels(&none), &plain).0.is_nan());
    }

    #[test]
    fn mistakes() {
        let said = |result: Result<Value>| result.err().expect("a mistake").to_string();
        let x = any(1, &[2, 3, 2]);
        let of = |labels: &Array, settings: &Classes<'_>| cross_entropy(&x, Targets::Labels(labels), settings);
        let labels = Array::from_slice(&[0i64, 1, 7, 2], Dims::new(&[2, 2]));
        let sentence = "cross_entropy: the label at [1, 0] is 7, but there are 3 classes (0 to 2)";
        assert_eq!(said(of(&labels, &Classes::DEFAULT)), sentence);
        let sentence = "nll_loss: labels of shape [4] for scores of shape [2, 3, 2]";
        assert_eq!(said(nll(&x, &labels.reshape(&Dims::new(&[4])), &Classes::DEFAULT)), sentence);
        let two = Value::from(Array::full(1.0, Dims::new(&[2])));
        let settings = Classes { weight: Some(&two), ignore_index: 7, ..Classes::DEFAULT };
        assert_eq!(said(of(&labels, &settings)), "cross_entropy: 2 weights for 3 classes");
        let flat = any(1, &[2, 3]);
        let margin = multi_margin(&flat, &Array::full(0i64, Dims::new(&[2])), 3, 1.0, &Classes::DEFAULT);
        assert_eq!(said(margin), "p must be 1 or 2, but is 3");
    }

    #[test]
    #[should_panic(expected = "cross_entropy has no gradient for its weights: call detach() on them")]
    fn weights_that_want_a_gradient() {
        let weight = any(1, &[4]).into_parameter();
        let settings = Classes { weight: Some(&weight), ..Classes::DEFAULT };
        let _ = cross_entropy(&any(1, &[2, 4]), Targets::Labels(&labels(&[2])), &settings);
    }
}
