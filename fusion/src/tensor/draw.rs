//! New tensors of random elements, of further distributions.

use super::{Float, Tensor};
use crate::dim::{Nat, Shape, StaticShape};
use crate::error::or_panic;
use crate::{Error, Result};
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use rand_distr::{Exp1, StandardNormal};

/// A normal distribution that is cut off at both ends.
#[derive(Clone, Copy)]
pub(crate) struct Truncated {
    pub mean: f64,
    pub std: f64,
    pub low: f64,
    pub high: f64,
}

impl Truncated {
    pub fn check(self, name: &str) -> Result<Self> {
        let Self { mean, std, low, high } = self;
        if !(mean.is_finite() && std.is_finite() && std > 0.0) {
            let problem = format!(
                "{name}: mean {mean} and standard deviation {std} are no normal distribution that could be cut off: both \
                 are finite, and the second is above 0"
            );
            return Err(Error::argument("std", problem));
        }
        if low < high {
            return Ok(self);
        }
        Err(Error::argument("high", format!("{name}: {low}..{high} is no range: two numbers, the smaller one first")))
    }

    /// A number of it, exactly: by rejection of a normal, a uniform or an exponential one, whichever is kept more often.
    /// Robert, [Simulation of truncated normal variables](https://arxiv.org/abs/0907.4010), 1995.
    pub fn draw(self, rng: &mut (impl Rng + ?Sized)) -> f64 {
        let (a, b) = ((self.low - self.mean) / self.std, (self.high - self.mean) / self.std);
        // Of the two tails the right one is drawn, and the left one is its mirror image.
        let (x, mirrored) = if b < 0.0 { (standard(-b, -a, rng), true) } else { (standard(a, b, rng), false) };
        self.mean + self.std * if mirrored { -x } else { x }
    }
}

/// A standard normal number in `a..b`, of which `b` is not below 0.
fn standard(a: f64, b: f64, rng: &mut (impl Rng + ?Sized)) -> f64 {
    if a <= 0.0 {
        if b - a > 2.5 {
            // More than a third of all normal numbers.
            return accepted(|| (rng.sample(StandardNormal), 1.0, 0.0), a, b);
        }
        return accepted(|| between(a, b, 0.0, rng), a, b);
    }
    let root = (a * a + 4.0).sqrt();
    if b > a + 2.0 / (a + root) * (0.25 * (2.0 + a * a - a * root)).exp() {
        let rate = (a + root) / 2.0;
        let tail = || {
            let x = a + rng.sample::<f64, _>(Exp1) / rate;
            (x, (-(x - rate) * (x - rate) / 2.0).exp(), rng.random())
        };
        return accepted(tail, a, b);
    }
    accepted(|| between(a, b, a, rng), a, b)
}

/// A uniform number, with the share of such that are kept: 1 where the density is largest, at `peak`.
fn between(a: f64, b: f64, peak: f64, rng: &mut (impl Rng + ?Sized)) -> (f64, f64, f64) {
    let x = a + (b - a) * rng.random::<f64>();
    (x, ((peak * peak - x * x) / 2.0).exp(), rng.random())
}

/// The first number in `a..=b` whose share of those that are kept is above a uniform number.
fn accepted(mut draw: impl FnMut() -> (f64, f64, f64), a: f64, b: f64) -> f64 {
    loop {
        let (x, share, uniform) = draw();
        if (a..=b).contains(&x) && uniform < share {
            return x;
        }
    }
}

/// The numbers below `n` in a random order.
fn permuted(n: usize, rng: &mut (impl Rng + ?Sized)) -> Vec<i64> {
    let mut numbers: Vec<i64> = (0..n as i64).collect();
    numbers.shuffle(rng);
    numbers
}

/// The rule of a probability.
fn probability(name: &str, p: f64) -> Result<()> {
    if (0.0..=1.0).contains(&p) {
        return Ok(());
    }
    Err(Error::argument("p", format!("{name}: {p} is no probability: it is in 0..=1")))
}

impl<S, T: Float> Tensor<S, T> {
    /// Normal with this mean and standard deviation, of numbers in `low..=high` alone, which are as likely as they are among
    /// all. PyTorch's `trunc_normal_`, whose bounds are -2 and 2 by default: they are no multiples of `std`.
    ///
    /// # Panics
    ///
    /// If the standard deviation is not above 0, it or the mean is infinite or NaN, or `low` is not below `high`. A bound may
    /// be infinite.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut rng = StdRng::seed_from_u64(0);
    /// let x = Tensor::<shape![1000]>::truncated_normal(0.0, 0.02, -0.04, 0.04, &mut rng);
    /// assert!(x.to_vec().iter().all(|x| (-0.04..=0.04).contains(x)));
    /// ```
    #[doc(alias = "trunc_normal_")]
    #[track_caller]
    pub fn truncated_normal(mean: f64, std: f64, low: f64, high: f64, rng: &mut (impl Rng + ?Sized)) -> Self
    where
        S: StaticShape,
    {
        let from = or_panic(Truncated { mean, std, low, high }.check("truncated_normal"));
        Self::from_fn(|_| T::from_f64(from.draw(rng)))
    }
}

impl<S: Shape> Tensor<S, i64> {
    /// Whole numbers, uniform in `low..high`; the sizes are given at run time. An error also if the range is empty.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut rng = StdRng::seed_from_u64(0);
    /// assert_eq!(Tensor::<shape![Dyn], i64>::randint_sized(1, 7, &[10], &mut rng)?.shape(), [10]);
    /// let error = Tensor::<shape![Dyn], i64>::randint_sized(7, 7, &[10], &mut rng).unwrap_err();
    /// assert_eq!(error.to_string(), "randint_sized: there is no whole number in 7..7");
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn randint_sized(low: i64, high: i64, sizes: &[usize], rng: &mut (impl Rng + ?Sized)) -> Result<Self> {
        if low >= high {
            let problem = format!("randint_sized: there is no whole number in {low}..{high}");
            return Err(Error::argument("high", problem));
        }
        Self::from_fn_sized(sizes, |_| rng.random_range(low..high))
    }
}

impl<N: Nat> Tensor<(N,), i64> {
    /// The whole numbers below the size, each once, in a random order. PyTorch's `randperm`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let order = Tensor::<shape![5], i64>::randperm(&mut StdRng::seed_from_u64(0));
    /// let mut sorted = order.to_vec();
    /// sorted.sort();
    /// assert_eq!(sorted, [0, 1, 2, 3, 4]);
    /// ```
    #[track_caller]
    pub fn randperm(rng: &mut (impl Rng + ?Sized)) -> Self {
        or_panic(Self::from_vec(permuted(N::N, rng)))
    }
}

impl Tensor<(crate::dim::Dyn,), i64> {
    /// The whole numbers below `n`, each once, in a random order. An error if there is no memory for them.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let order = Tensor::randperm_sized(5, &mut StdRng::seed_from_u64(0))?;
    /// assert_eq!(order.shape(), [5]);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn randperm_sized(n: usize, rng: &mut (impl Rng + ?Sized)) -> Result<Self> {
        // Whether there is room for them is asked before they are made.
        Self::zeros_sized(&[n])?;
        Self::from_vec_sized(permuted(n, rng), &[n])
    }
}

impl<S> Tensor<S, bool> {
    /// Each element is true with the probability `p`. Of a tensor of probabilities it is a method of that tensor. PyTorch's
    /// `bernoulli_`.
    ///
    /// # Panics
    ///
    /// If `p` is not in `0..=1`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mask = Tensor::<shape![1000], bool>::bernoulli(0.25, &mut StdRng::seed_from_u64(0));
    /// assert!((200..300).contains(&mask.to_vec().into_iter().filter(|&x| x).count()));
    /// ```
    #[track_caller]
    pub fn bernoulli(p: f64, rng: &mut (impl Rng + ?Sized)) -> Self
    where
        S: StaticShape,
    {
        or_panic(probability("bernoulli", p));
        Self::from_fn(|_| rng.random::<f64>() < p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    /// Mean and variance of a truncated standard normal distribution, by sums over a fine grid.
    fn moments(a: f64, b: f64) -> (f64, f64) {
        let (a, b) = (a.max(-12.0), b.min(a.max(0.0) + 12.0));
        let at = |i: usize| a + (b - a) * (i as f64 + 0.5) / 200_000.0;
        let weight = |x: f64| ((a.max(0.0) * a.max(0.0) - x * x) / 2.0).exp();
        let sum = |f: &dyn Fn(f64) -> f64| (0..200_000).map(|i| f(at(i)) * weight(at(i))).sum::<f64>();
        let mean = sum(&|x| x) / sum(&|_| 1.0);
        (mean, sum(&|x| (x - mean) * (x - mean)) / sum(&|_| 1.0))
    }

    #[test]
    fn truncated_normals_have_their_moments() {
        let rng = &mut StdRng::seed_from_u64(3);
        let (inf, n) = (f64::INFINITY, 100_000);
        let ranges = [
            (-2.0, 2.0),
            (-0.5, 0.5),
            (0.0, 1.0),
            (-inf, inf),
            (-1.0, inf),
            (1.0, inf),
            (4.0, inf),
            (4.0, 4.1),
            (8.0, 9.0),
            (-inf, -3.0),
            (-6.0, -5.0),
            (-0.1, 9.0),
        ];
        for (a, b) in ranges {
            let from = Truncated { mean: 0.5, std: 2.0, low: 0.5 + 2.0 * a, high: 0.5 + 2.0 * b };
            let x: Vec<f64> = (0..n).map(|_| from.draw(rng)).collect();
            assert!(x.iter().all(|x| (from.low..=from.high).contains(x)));
            let mean = x.iter().sum::<f64>() / n as f64;
            let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64;
            let (want, spread) = if a < 0.0 && b <= 0.0 {
                let (mean, variance) = moments(-b, -a);
                (0.5 - 2.0 * mean, 4.0 * variance)
            } else {
                let (mean, variance) = moments(a, b);
                (0.5 + 2.0 * mean, 4.0 * variance)
            };
            // Five standard errors.
            assert!((mean - want).abs() < 5.0 * (spread / n as f64).sqrt(), "{a} {b}: mean {mean}, not {want}");
            assert!((variance / spread - 1.0).abs() < 0.04, "{a} {b}: variance {variance}, not {spread}");
        }
    }

    #[test]
    fn every_order_is_as_likely() {
        let rng = &mut StdRng::seed_from_u64(4);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..60_000 {
            *counts.entry(permuted(3, rng)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|&count: &i32| (count - 10_000).abs() < 500), "{counts:?}");
    }

    #[test]
    fn one_seed_gives_one_run() {
        let run = |seed| {
            let rng = &mut StdRng::seed_from_u64(seed);
            let a = Tensor::<(Num<10>,)>::truncated_normal(0.0, 1.0, 1.0, 3.0, rng).to_vec();
            (a, Tensor::randperm_sized(20, rng).expect("room").to_vec())
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }

    #[test]
    fn what_is_no_distribution_is_refused() {
        let check = |mean, std, low, high| Truncated { mean, std, low, high }.check("f").is_err();
        assert!(check(0.0, 0.0, -1.0, 1.0) && check(f64::NAN, 1.0, -1.0, 1.0) && check(0.0, f64::INFINITY, -1.0, 1.0));
        assert!(check(0.0, 1.0, 1.0, 1.0) && check(0.0, 1.0, f64::NAN, 1.0) && !check(0.0, 1.0, 0.0, f64::INFINITY));
        assert!(
            probability("f", -0.1).is_err() && probability("f", f64::NAN).is_err() && probability("f", 1.0).is_ok()
        );
        assert!(Tensor::<(Dyn,), i64>::randint_sized(3, 2, &[1], &mut StdRng::seed_from_u64(0)).is_err());
    }
}
