//! Drawing from probabilities that are in a tensor. What is drawn are places and truth values, which have no gradient: of a
//! traced tensor as of any other they are data.

use crate::dim::rule::{AnAxis, Said};
use crate::dim::{Axis, HasAxis, Nat};
use crate::kernels::{Array, DType, Dims, elementwise};
use crate::tensor::{Float, Tensor};
use crate::{Error, Result};
use rand::{Rng, RngExt};

/// Uniform numbers in `0..1`, one after another.
pub type Uniform<'a> = &'a mut dyn FnMut() -> f64;

/// The elements in C order as numbers of 64 bits.
fn numbers(x: &Array) -> Result<Array> {
    Array::room(x.shape(), DType::F64)?;
    Ok(elementwise::cast(&x.contiguous(), DType::F64))
}

/// The index of the element at position `i` in C order.
fn index(shape: &Dims, mut i: usize) -> Vec<usize> {
    let mut index: Vec<usize> = shape.iter().rev().map(|n| (i % n, i /= n).0).collect();
    index.reverse();
    index
}

/// The rows of a tensor, along its last axis: each with its weights, which `weigh` makes of it.
fn rows(
    x: &Array,
    name: &'static str,
    allowed: (fn(f64) -> bool, &str),
    mut each: impl FnMut(&dyn Fn() -> String, &[f64]) -> Result<()>,
) -> Result<()> {
    let (shape, all) = (*x.shape(), numbers(x)?);
    let all = all.dense::<f64>().expect("contiguous");
    if let Some(i) = all.iter().position(|&x| !allowed.0(x)) {
        let problem = format!("{name}: the element {:?} is {}: {}", index(&shape, i), all[i], allowed.1);
        return Err(Error::argument("weights", problem));
    }
    let axis = shape.rank() - 1;
    let (before, length) = (shape.without(axis), shape.last());
    for row in 0..before.count() {
        let place = || if axis == 0 { name.to_owned() } else { format!("{name}: row {:?}", index(&before, row)) };
        each(&place, &all[row * length..][..length])?;
    }
    Ok(())
}

/// The place that a uniform number falls on, of weights whose running sums are given: one whose weight is above 0.
fn falls_on(sums: &[f64], uniform: f64) -> i64 {
    let total = sums.last().copied().unwrap_or_default();
    let place = sums.partition_point(|&sum| sum <= uniform * total);
    // A number just below 1 may be rounded up to the whole.
    place.min(sums.partition_point(|&sum| sum < total)) as i64
}

/// Running sums of weights that are divided by the largest of them, so that none overflows.
fn running(weights: impl Iterator<Item = f64>, sums: &mut Vec<f64>) {
    sums.clear();
    sums.extend(weights.scan(0.0, |sum, weight| {
        *sum += weight;
        Some(*sum)
    }));
}

/// Places along the last axis, `draws` for each row, with probabilities in proportion to the elements.
pub fn multinomial(x: &Array, draws: usize, replacement: bool, uniform: Uniform<'_>) -> Result<Array> {
    let mut shape = *x.shape();
    let axis = shape.rank() - 1;
    shape.set(axis, draws);
    let shape = Dims::try_new(&shape.iter().collect::<Vec<_>>())?;
    Array::room(&shape, DType::I64)?;
    let mut places = Vec::new();
    let (mut sums, mut keys) = (Vec::new(), Vec::new());
    let allowed = (|x: f64| x >= 0.0 && x.is_finite()) as fn(f64) -> bool;
    rows(x, "multinomial", (allowed, "a weight is finite and not below 0"), |place, weights| {
        let most = weights.iter().copied().fold(0.0, f64::max);
        if most == 0.0 {
            let problem = format!("{} has no element to choose: no weight is above 0", place());
            return Err(Error::argument("weights", problem));
        }
        if replacement {
            running(weights.iter().map(|weight| weight / most), &mut sums);
            places.extend((0..draws).map(|_| falls_on(&sums, uniform())));
            return Ok(());
        }
        // The first of clocks that ring at the rates of the weights: Efraimidis and Spirakis, Weighted random sampling with a
        // reservoir, 2006.
        keys.clear();
        let clocks = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
        keys.extend(clocks.map(|(i, weight)| (-(1.0 - uniform()).ln() / (weight / most), i as i64)));
        if keys.len() < draws {
            let problem = format!(
                "{} has {} weights above 0, but {draws} draws without replacement need as many",
                place(),
                keys.len()
            );
            return Err(Error::argument("weights", problem));
        }
        keys.sort_by(|a: &(f64, i64), b| a.0.total_cmp(&b.0));
        places.extend(keys[..draws].iter().map(|(_, i)| i));
        Ok(())
    })?;
    Ok(Array::from_slice(&places, shape))
}

/// A place along the last axis for each row, with the probabilities of a softmax.
pub fn categorical(x: &Array, uniform: Uniform<'_>) -> Result<Array> {
    let shape = x.shape().without(x.shape().rank() - 1);
    Array::room(&shape, DType::I64)?;
    let (mut places, mut sums) = (Vec::new(), Vec::new());
    let allowed = (|x: f64| x < f64::INFINITY) as fn(f64) -> bool;
    rows(x, "categorical", (allowed, "a logit is a number or -inf"), |place, logits| {
        let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if most == f64::NEG_INFINITY {
            let problem = format!("{} has no element to choose: no logit is above -inf", place());
            return Err(Error::argument("logits", problem));
        }
        running(logits.iter().map(|logit| (logit - most).exp()), &mut sums);
        places.push(falls_on(&sums, uniform()));
        Ok(())
    })?;
    Ok(Array::from_slice(&places, shape))
}

/// Truth values, each true with the probability that is its element.
pub fn bernoulli(x: &Array, uniform: Uniform<'_>) -> Result<Array> {
    let all = numbers(x)?;
    let elements = all.dense::<f64>().expect("contiguous");
    if let Some(i) = elements.iter().position(|p| !(0.0..=1.0).contains(p)) {
        let (index, p) = (index(x.shape(), i), elements[i]);
        let problem = format!("bernoulli: the element {index:?} is {p}: a probability is in 0..=1");
        return Err(Error::argument("p", problem));
    }
    Ok(Array::from_fn(*x.shape(), |i| uniform() < elements[i]))
}

impl<S, T: Float> Tensor<S, T> {
    /// `K` places along the last axis for each row, drawn with probabilities in proportion to the elements, which need not sum
    /// to 1: `[.., C]` to `[.., K]`. With `replacement` a place may be drawn again; without, each is drawn once at most, and
    /// they stand in the order of the draws. PyTorch's `multinomial`.
    ///
    /// What is drawn has no gradient: it is data, of a traced tensor as well.
    ///
    /// # Panics
    ///
    /// If a weight is below 0, infinite or NaN, all weights of a row are 0, or, without replacement, fewer than `K` are above 0.
    /// [`Tensor::try_multinomial`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let weights = Tensor::from([[0.0, 1.0, 0.0], [3.0, 0.0, 1.0]]);
    /// let places: Tensor<shape![2, 5], i64> = weights.multinomial::<dim!(5)>(true, &mut StdRng::seed_from_u64(0));
    /// assert_eq!(places.to_vec()[..5], [1; 5]);
    /// assert!(places.to_vec()[5..].iter().all(|&place| place != 1));
    /// ```
    #[track_caller]
    pub fn multinomial<K: Nat>(&self, replacement: bool, rng: &mut (impl Rng + ?Sized)) -> Tensor<S::With<K>, i64>
    where
        S: Said<AnAxis, Axis<-1>> + HasAxis<Axis<-1>>,
    {
        super::or_panic(self.try_multinomial(replacement, rng))
    }

    /// As [`Tensor::multinomial`], or an error if the weights are none.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let weights = Tensor::from([[1.0, 1.0, 0.0], [1.0, -1.0, 0.5]]);
    /// let error = weights.try_multinomial::<dim!(1)>(true, &mut StdRng::seed_from_u64(0)).unwrap_err();
    /// assert_eq!(error.to_string(), "multinomial: the element [1, 1] is -1: a weight is finite and not below 0");
    /// let error = weights.abs().try_multinomial::<dim!(3)>(false, &mut StdRng::seed_from_u64(0)).unwrap_err();
    /// let sentence = "multinomial: row [0] has 2 weights above 0, but 3 draws without replacement need as many";
    /// assert_eq!(error.to_string(), sentence);
    /// ```
    pub fn try_multinomial<K: Nat>(
        &self,
        replacement: bool,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Tensor<S::With<K>, i64>>
    where
        S: Said<AnAxis, Axis<-1>> + HasAxis<Axis<-1>>,
    {
        Ok(Tensor::wrap(multinomial(self.value().array(), K::N, replacement, &mut || rng.random())?.into()))
    }

    /// A class for each row of logits, drawn with the probabilities of their softmax: `[.., C]` to `[..]`. PyTorch's
    /// `distributions.Categorical(logits=x).sample()`.
    ///
    /// What is drawn has no gradient: it is data, of a traced tensor as well.
    ///
    /// # Panics
    ///
    /// If a logit is NaN or infinity, or all of a row are -inf. [`Tensor::try_categorical`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let logits = Tensor::from([[0.0, 100.0, 0.0], [f32::NEG_INFINITY, f32::NEG_INFINITY, -5.0]]);
    /// let classes: Tensor<shape![2], i64> = logits.categorical(&mut StdRng::seed_from_u64(0));
    /// assert_eq!(classes.to_vec(), [1, 2]);
    /// ```
    #[doc(alias = "sample")]
    #[track_caller]
    pub fn categorical(&self, rng: &mut (impl Rng + ?Sized)) -> Tensor<S::Without, i64>
    where
        S: Said<AnAxis, Axis<-1>> + HasAxis<Axis<-1>>,
    {
        super::or_panic(self.try_categorical(rng))
    }

    /// As [`Tensor::categorical`], or an error if the logits are none.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let logits = Tensor::from([f32::NEG_INFINITY, f32::NEG_INFINITY]);
    /// let error = logits.try_categorical(&mut StdRng::seed_from_u64(0)).unwrap_err();
    /// assert_eq!(error.to_string(), "categorical has no element to choose: no logit is above -inf");
    /// ```
    pub fn try_categorical(&self, rng: &mut (impl Rng + ?Sized)) -> Result<Tensor<S::Without, i64>>
    where
        S: Said<AnAxis, Axis<-1>> + HasAxis<Axis<-1>>,
    {
        Ok(Tensor::wrap(categorical(self.value().array(), &mut || rng.random())?.into()))
    }

    /// Truth values, each true with the probability that is its element; `.cast::<f32>()` makes zeros and ones of them.
    /// PyTorch's `bernoulli`.
    ///
    /// What is drawn has no gradient: it is data, of a traced tensor as well.
    ///
    /// # Panics
    ///
    /// If an element is not in `0..=1`. [`Tensor::try_bernoulli`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mask: Tensor<shape![2], bool> = Tensor::from([0.0f32, 1.0]).bernoulli(&mut StdRng::seed_from_u64(0));
    /// assert_eq!(mask.to_vec(), [false, true]);
    /// ```
    #[track_caller]
    pub fn bernoulli(&self, rng: &mut (impl Rng + ?Sized)) -> Tensor<S, bool> {
        super::or_panic(self.try_bernoulli(rng))
    }

    /// As [`Tensor::bernoulli`], or an error if an element is no probability.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let error = Tensor::from([0.5, 1.5]).try_bernoulli(&mut StdRng::seed_from_u64(0)).unwrap_err();
    /// assert_eq!(error.to_string(), "bernoulli: the element [1] is 1.5: a probability is in 0..=1");
    /// ```
    pub fn try_bernoulli(&self, rng: &mut (impl Rng + ?Sized)) -> Result<Tensor<S, bool>> {
        Ok(Tensor::wrap(bernoulli(self.value().array(), &mut || rng.random())?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::layouts;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    fn array(x: &[f64], shape: &[usize]) -> Array {
        Array::from_slice(x, Dims::new(shape))
    }

    fn counts(places: &[i64], n: usize) -> Vec<f64> {
        (0..n as i64).map(|i| places.iter().filter(|&&place| place == i).count() as f64 / places.len() as f64).collect()
    }

    /// Within five standard errors.
    #[track_caller]
    fn agree(found: &[f64], want: &[f64], n: usize) {
        for (f, w) in found.iter().zip(want) {
            assert!((f - w).abs() <= 5.0 * (w * (1.0 - w) / n as f64).sqrt(), "{found:?} instead of {want:?}");
        }
    }

    #[test]
    fn draws_follow_their_weights() {
        let rng = &mut StdRng::seed_from_u64(1);
        let weights = array(&[1.0, 0.0, 3.0, 4.0, 1e300, 1e300, 0.0, 2e300], &[2, 4]);
        let places = multinomial(&weights, 40_000, true, &mut || rng.random()).unwrap().to_vec::<i64>();
        agree(&counts(&places[..40_000], 4), &[0.125, 0.0, 0.375, 0.5], 40_000);
        agree(&counts(&places[40_000..], 4), &[0.25, 0.25, 0.0, 0.5], 40_000);
        let logits = array(&[1000.0, 1000.0 + 3f64.ln(), f64::NEG_INFINITY], &[3]);
        let classes: Vec<i64> =
            (0..40_000).map(|_| categorical(&logits, &mut || rng.random()).unwrap().to_vec::<i64>()[0]).collect();
        agree(&counts(&classes, 3), &[0.25, 0.75, 0.0], 40_000);
        let p = array(&[0.0, 0.3, 1.0], &[3]).expand(&Dims::new(&[40_000, 3]));
        let truth = bernoulli(&p, &mut || rng.random()).unwrap().to_vec::<bool>();
        let share = |i: usize| truth.iter().skip(i).step_by(3).filter(|&&x| x).count() as f64 / 40_000.0;
        agree(&[share(0), share(1), share(2)], &[0.0, 0.3, 1.0], 40_000);
    }

    /// The first draw follows the weights, and the second those of the others: its probabilities are known.
    #[test]
    fn draws_without_replacement() {
        let rng = &mut StdRng::seed_from_u64(2);
        let weights = array(&[1.0, 0.0, 2.0, 5.0], &[4]);
        let n = 40_000;
        let pairs: Vec<Vec<i64>> =
            (0..n).map(|_| multinomial(&weights, 2, false, &mut || rng.random()).unwrap().to_vec()).collect();
        assert!(pairs.iter().all(|pair| pair[0] != pair[1]));
        let of = |i: usize| counts(&pairs.iter().map(|pair| pair[i]).collect::<Vec<_>>(), 4);
        agree(&of(0), &[0.125, 0.0, 0.25, 0.625], n);
        let second = |w: f64| [1.0, 2.0, 5.0].iter().filter(|&&v| v != w).map(|v| v / 8.0 * w / (8.0 - v)).sum::<f64>();
        agree(&of(1), &[second(1.0), 0.0, second(2.0), second(5.0)], n);
        let mut all = multinomial(&weights, 3, false, &mut || rng.random()).unwrap().to_vec::<i64>();
        all.sort();
        assert_eq!(all, [0, 2, 3]);
    }

    #[test]
    fn every_layout_gives_the_same() {
        let draw = |x: &Array| {
            let rng = &mut StdRng::seed_from_u64(3);
            let a = multinomial(x, 2, false, &mut || rng.random()).unwrap().to_vec::<i64>();
            let b = categorical(x, &mut || rng.random()).unwrap().to_vec::<i64>();
            (a, b, bernoulli(x, &mut || rng.random()).unwrap().to_vec::<bool>())
        };
        let all = layouts(&[3, 4, 5], f32::NAN, |i| (i % 7) as f32 / 8.0);
        assert!(all.iter().all(|x| draw(x) == draw(&all[0])));
    }

    #[test]
    fn uniform_numbers_at_the_ends() {
        assert_eq!([falls_on(&[0.0, 1.0, 1.0], 0.0), falls_on(&[0.0, 1.0, 1.0], 1.0)], [1, 1]);
        assert_eq!([falls_on(&[1.0, 2.0, 4.0], 0.25), falls_on(&[1.0, 2.0, 4.0], 0.4999)], [1, 1]);
        assert_eq!(multinomial(&array(&[5e-324, 0.0], &[2]), 1, false, &mut || 0.0).unwrap().to_vec::<i64>(), [0]);
    }

    #[test]
    fn what_cannot_be_drawn_from_is_refused() {
        let says = |result: Result<Array>, sentence: &str| assert_eq!(result.unwrap_err().to_string(), sentence);
        let uniform = &mut || 0.5;
        let nan = array(&[1.0, f64::NAN], &[1, 2]);
        says(
            multinomial(&nan, 1, true, uniform),
            "multinomial: the element [0, 1] is NaN: a weight is finite and not below 0",
        );
        says(categorical(&nan, uniform), "categorical: the element [0, 1] is NaN: a logit is a number or -inf");
        says(bernoulli(&nan, uniform), "bernoulli: the element [0, 1] is NaN: a probability is in 0..=1");
        let zeros = array(&[1.0, 1.0, 0.0, 0.0], &[2, 2]);
        let sentence = "multinomial: row [1] has no element to choose: no weight is above 0";
        says(multinomial(&zeros, 1, true, uniform), sentence);
        says(
            categorical(&array(&[], &[2, 0]), uniform),
            "categorical: row [0] has no element to choose: no logit is above -inf",
        );
    }
}
