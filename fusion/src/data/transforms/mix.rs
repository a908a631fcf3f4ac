//! Samples mixed with one another, and targets as distributions.

use super::{Pixel, Transform, elements};
use crate::data::Draw;
use crate::dim::{Dim, Nat, Shape};
use crate::kernels::images::{Rect, blend, exchange};
use crate::kernels::{Array, Dims};
use crate::tensor::Tensor;
use rand::RngExt;
use rand_distr::{Beta, Distribution};
use std::fmt;
use std::marker::PhantomData;

/// Targets as distributions over `K` classes: labels `Tensor<(B,), i64>`, which give all to one class, or distributions
/// `Tensor<(B, K)>` as they are.
///
/// ```
/// use fusion::data::transforms::Targets;
/// use fusion::prelude::*;
///
/// let labels = Tensor::<shape![2], i64>::from([2, 0]);
/// let y: Tensor<shape![2, 3]> = labels.distributions();
/// assert_eq!(y.to_vec(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no targets of {K} classes",
    label = "neither labels nor distributions",
    note = "targets are labels `Tensor<(B,), i64>` or distributions `Tensor<(B, {K})>`"
)]
pub trait Targets<K> {
    /// How many samples.
    type Batch: Dim;

    /// A distribution for each sample.
    ///
    /// # Panics
    /// If a label is no class, in 0 to K - 1.
    #[track_caller]
    fn distributions(self) -> Tensor<(Self::Batch, K)>;
}

#[diagnostic::do_not_recommend]
impl<B: Dim, K: Nat> Targets<K> for Tensor<(B,), i64> {
    type Batch = B;

    fn distributions(self) -> Tensor<(B, K)> {
        Tensor::wrap(one_hot(&elements(self), K::N).into())
    }
}

#[diagnostic::do_not_recommend]
impl<B: Dim, K: Dim> Targets<K> for Tensor<(B, K)> {
    type Batch = B;

    fn distributions(self) -> Self {
        Self::wrap(elements(self).into())
    }
}

#[track_caller]
fn one_hot(labels: &Array, classes: usize) -> Array {
    let labels = labels.to_vec::<i64>();
    let mut y = Array::full(0f32, Dims::new(&[labels.len(), classes]));
    let rows = y.make_mut::<f32>().chunks_exact_mut(classes.max(1));
    let mut inside = 0;
    for ((at, &label), row) in labels.iter().enumerate().zip(rows) {
        let class = usize::try_from(label).ok().and_then(|label| row.get_mut(label));
        let Some(class) = class else {
            panic!("label {label} of sample {at} is none of the {classes} classes, counted from 0");
        };
        *class = 1.0;
        inside += 1;
    }
    assert!(inside == labels.len(), "{} labels of no classes", labels.len());
    y
}

/// Labels as distributions over `K` classes: `[B]` to `[B, K]`, of pairs `(x, labels)`.
///
/// [`cross_entropy`](crate::Tensor::cross_entropy) takes either; smoothing is the loss's.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::OneHot;
/// use fusion::prelude::*;
///
/// let (_, y) = OneHot::<dim!(3)>::new().apply(((), Tensor::<shape![1], i64>::from([1])), &mut Draw::new(0, 0, 0, &[0]));
/// assert_eq!(y.to_vec(), [0.0, 1.0, 0.0]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OneHot<K>(PhantomData<fn() -> K>);

impl<K: Nat> OneHot<K> {
    /// Of `K` classes.
    #[allow(clippy::new_without_default, reason = "without a number of classes there is none")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<K: Nat> fmt::Debug for OneHot<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OneHot({})", K::N)
    }
}

impl<X, Y: Targets<K>, K: Nat> Transform<(X, Y)> for OneHot<K> {
    type Output = (X, Tensor<(Y::Batch, K)>);

    fn apply(&self, (x, y): (X, Y), _: &mut Draw<'_>) -> Self::Output {
        (x, y.distributions())
    }
}

/// The shares of a batch whose samples are mixed.
#[track_caller]
fn beta(name: &str, alpha: f64) -> Beta<f64> {
    let fits = alpha.is_finite() && alpha > 0.0;
    assert!(fits, "{name}: an alpha of {alpha}: it is finite and above 0");
    Beta::new(alpha, alpha).expect("numbers above 0")
}

/// The rule of a batch: as many targets as inputs.
#[track_caller]
fn as_many(name: &str, x: &Array, y: &Array) {
    let inputs = if x.shape().rank() == 0 { 0 } else { x.shape().get(0) };
    let targets = y.shape().get(0);
    assert!(inputs == targets, "{name}: a batch of {inputs} inputs and {targets} targets");
}

/// Mixes each sample with the one before it in the batch, and their targets with them: `share` of its own and the rest of the
/// other, with one share from Beta(alpha, alpha) for the batch (Zhang et al., [mixup: Beyond Empirical Risk
/// Minimization](https://arxiv.org/abs/1710.09412), 2017). torchvision's `MixUp`.
///
/// Inputs are `f32` of any shape, `[B, ..]`; targets become distributions `[B, K]`, which
/// [`cross_entropy`](crate::Tensor::cross_entropy) takes. The first sample is mixed with the last, and a shuffled loader
/// makes new pairs in each epoch. It draws one share for the batch.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::Mixup;
/// use fusion::prelude::*;
///
/// let batch = (Tensor::<shape![2, 1]>::from([[0.0], [1.0]]), Tensor::<shape![2], i64>::from([0, 1]));
/// let (x, y) = Mixup::<dim!(2)>::new(0.2).apply(batch, &mut Draw::new(0, 0, 0, &[0, 1]));
/// let share = y.get(&[1, 1]).unwrap();
/// assert_eq!(x.to_vec(), [1.0 - share, share]);
/// let loss = Tensor::<shape![2, 2]>::zeros().cross_entropy(&y);
/// # assert!(loss.item() > 0.6);
/// ```
#[derive(Clone, Copy)]
pub struct Mixup<K> {
    shares: Beta<f64>,
    alpha: f64,
    classes: PhantomData<fn() -> K>,
}

impl<K: Nat> Mixup<K> {
    /// With this parameter of the distribution: 0.2 in the paper for ImageNet, 1 for CIFAR-10 and in torchvision.
    ///
    /// # Panics
    /// If it is not finite and above 0.
    #[track_caller]
    pub fn new(alpha: f64) -> Self {
        Self { shares: beta("Mixup", alpha), alpha, classes: PhantomData }
    }
}

impl<K: Nat> fmt::Debug for Mixup<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mixup({} classes, alpha {})", K::N, self.alpha)
    }
}

impl<S: Shape, Y: Targets<K>, K: Nat> Transform<(Tensor<S>, Y)> for Mixup<K> {
    type Output = (Tensor<S>, Tensor<(Y::Batch, K)>);

    fn apply(&self, (x, y): (Tensor<S>, Y), draw: &mut Draw<'_>) -> Self::Output {
        let (x, y) = (elements(x), elements(y.distributions()));
        as_many("Mixup", &x, &y);
        let share = self.shares.sample(draw.rng()) as f32;
        (Tensor::wrap(blend(&x, share).into()), Tensor::wrap(blend(&y, share).into()))
    }
}

/// Puts a random rectangle of the image before it in the batch into each image, and mixes their targets by its area (Yun et
/// al., [CutMix](https://arxiv.org/abs/1905.04899), 2019). torchvision's `CutMix`.
///
/// Images have pixels of `u8` or `f32`; targets become distributions `[B, K]`, which
/// [`cross_entropy`](crate::Tensor::cross_entropy) takes. The first image gets its rectangle from the last. For the batch it
/// draws a share from Beta(alpha, alpha), which the rectangle leaves of the area, and the column and the row of its middle;
/// what lies outside is cut off.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::CutMix;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2, 1, 8, 8]>::from_fn(|i| (i / 64) as f32); // one black, one white
/// let y = Tensor::<shape![2], i64>::from([0, 1]);
/// let (x, y) = CutMix::<dim!(2)>::new(1.0).apply((x, y), &mut Draw::new(1, 0, 0, &[0, 1]));
/// let white = x.to_vec()[..64].iter().sum::<f32>() / 64.0;
/// assert_eq!(y.get(&[0, 1]), Some(white));
/// ```
#[derive(Clone, Copy)]
pub struct CutMix<K> {
    shares: Beta<f64>,
    alpha: f64,
    classes: PhantomData<fn() -> K>,
}

impl<K: Nat> CutMix<K> {
    /// With this parameter of the distribution: 1 in the paper and in torchvision.
    ///
    /// # Panics
    /// If it is not finite and above 0.
    #[track_caller]
    pub fn new(alpha: f64) -> Self {
        Self { shares: beta("CutMix", alpha), alpha, classes: PhantomData }
    }

    /// The rectangle of images of this height and width.
    fn part(&self, [rows, columns]: [usize; 2], draw: &mut Draw<'_>) -> Rect {
        let share = self.shares.sample(draw.rng());
        let mut span = |n: usize| {
            if n == 0 {
                return [0, 0];
            }
            let centre = draw.rng().random_range(0..n);
            let half = (0.5 * (1.0 - share).sqrt() * n as f64) as usize;
            let start = centre.saturating_sub(half);
            [start, (centre + half).min(n) - start]
        };
        let ([left, width], [top, height]) = (span(columns), span(rows));
        Rect { top, left, height, width }
    }
}

impl<K: Nat> fmt::Debug for CutMix<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CutMix({} classes, alpha {})", K::N, self.alpha)
    }
}

impl<B: Dim, C: Dim, H: Dim, W: Dim, T: Pixel, Y: Targets<K>, K: Nat> Transform<(Tensor<(B, C, H, W), T>, Y)>
    for CutMix<K>
{
    type Output = (Tensor<(B, C, H, W), T>, Tensor<(Y::Batch, K)>);

    fn apply(&self, (x, y): (Tensor<(B, C, H, W), T>, Y), draw: &mut Draw<'_>) -> Self::Output {
        let (x, y) = (elements(x), elements(y.distributions()));
        as_many("CutMix", &x, &y);
        let [rows, columns] = [2, 3].map(|axis| x.shape().get(axis));
        let part = self.part([rows, columns], draw);
        let share = 1.0 - (part.height * part.width) as f64 / (rows * columns).max(1) as f64;
        (Tensor::wrap(exchange(&x, part).into()), Tensor::wrap(blend(&y, share as f32).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};

    fn draw(batch: u64) -> Draw<'static> {
        Draw::new(2, 0, batch, &[])
    }

    fn labels(list: &[i64]) -> Tensor<(Dyn,), i64> {
        Tensor::from(list.to_vec())
    }

    /// The shares have the mean and the variance of the distribution.
    #[test]
    fn shares_are_beta_distributed() {
        for alpha in [0.2, 1.0, 4.0] {
            let mixup = Mixup::<Num<2>>::new(alpha);
            let x = Tensor::<(Dyn,)>::from(vec![1.0, 0.0]);
            let shares: Vec<f64> = (0..4000)
                .map(|batch| f64::from(mixup.apply((x.clone(), labels(&[0, 1])), &mut draw(batch)).0.to_vec()[0]))
                .collect();
            let mean = shares.iter().sum::<f64>() / 4000.0;
            let variance = shares.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 4000.0;
            assert!((mean - 0.5).abs() < 0.035, "{mean}");
            assert!((variance * 4.0 * (2.0 * alpha + 1.0) - 1.0).abs() < 0.1, "{variance} for {alpha}");
        }
    }

    /// Both one after the other; distributions sum to 1, and say what is in the images.
    #[test]
    fn targets_say_what_is_in_the_images() {
        // Image i is i everywhere, so that the mean of an image is the mean of its target.
        let x = Tensor::<(Dyn, Num<1>, Num<6>, Num<5>)>::from_fn_sized(&[3, 1, 6, 5], |i| (i / 30) as f32).unwrap();
        for batch in 0..50 {
            let both = (CutMix::<Num<3>>::new(1.0), Mixup::<Num<3>>::new(0.5));
            let (x, y) = both.apply((x.clone(), labels(&[0, 1, 2])), &mut draw(batch));
            for (image, target) in x.to_vec().chunks(30).zip(y.to_vec().chunks(3)) {
                assert!((target.iter().sum::<f32>() - 1.0).abs() < 1e-6);
                assert!((image.iter().sum::<f32>() / 30.0 - target[1] - 2.0 * target[2]).abs() < 1e-5);
            }
        }
        let (x, y) = CutMix::<Num<3>>::new(1.0).apply(
            (Tensor::<(Dyn, Num<3>, Dyn, Num<2>), u8>::zeros_sized(&[0, 3, 0, 2]).unwrap(), labels(&[])),
            &mut draw(0),
        );
        assert_eq!((x.shape().to_vec(), y.shape().to_vec()), (vec![0, 3, 0, 2], vec![0, 3]));
    }

    #[test]
    #[should_panic(expected = "label 3 of sample 1 is none of the 3 classes, counted from 0")]
    fn a_label_that_is_no_class() {
        OneHot::<Num<3>>::new().apply(((), labels(&[0, 3])), &mut draw(0));
    }

    #[test]
    #[should_panic(expected = "Mixup: a batch of 2 inputs and 1 targets")]
    fn another_number_of_targets() {
        Mixup::<Num<3>>::new(1.0).apply((Tensor::<(Dyn,)>::from(vec![1.0, 2.0]), labels(&[0])), &mut draw(0));
    }

    #[test]
    #[should_panic(expected = "CutMix: an alpha of 0: it is finite and above 0")]
    fn an_impossible_alpha() {
        CutMix::<Num<3>>::new(0.0);
    }
}
