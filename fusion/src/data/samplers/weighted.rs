//! Samples drawn by weight.

use super::super::{Epoch, Sampler};
use super::classes::by_class;
use rand::RngExt;

/// Samples drawn with chances in proportion to their weights. PyTorch: `WeightedRandomSampler`.
///
/// ```
/// use fusion::data::{DataLoader, samplers::Weighted};
///
/// // 212 tumours are malignant and 357 benign: drawn in equal parts.
/// let data = fusion::data::breast_cancer();
/// let loader = DataLoader::new(data.clone(), 569).sampler(Weighted::balanced(&data.y.to_vec()));
/// let (_, y) = loader.epoch(0).next().unwrap()?;
/// let benign: i64 = y.to_vec().iter().sum();
/// assert!((250..320).contains(&benign));
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "WeightedRandomSampler")]
pub struct Weighted {
    weights: Vec<f64>,
    /// The sum of the weights up to each sample and with it.
    sums: Vec<f64>,
    drawn: usize,
    replaced: bool,
}

impl Weighted {
    /// Draws `drawn` times, each time from all samples. Weights need not sum to 1; a sample of weight 0 never comes.
    ///
    /// # Panics
    /// If a weight is negative or no number, or if all are 0 and something is to be drawn.
    #[track_caller]
    pub fn new(weights: impl Into<Vec<f64>>, drawn: usize) -> Self {
        let weights = weights.into();
        let sums: Vec<f64> = weights
            .iter()
            .enumerate()
            .scan(0.0, |sum, (sample, &weight)| {
                assert!(weight >= 0.0 && weight.is_finite(), "the weight of sample {sample} is {weight}");
                *sum += weight;
                Some(*sum)
            })
            .collect();
        let total = sums.last().copied().unwrap_or(0.0);
        assert!(total.is_finite(), "the weights sum to {total}");
        assert!(total > 0.0 || drawn == 0, "no sample has a weight above 0, and {drawn} are to be drawn");
        Self { weights, sums, drawn, replaced: true }
    }

    /// As many draws as there are samples, with equal chances for each class whatever its size.
    pub fn balanced(labels: &[i64]) -> Self {
        let mut weights = vec![0.0; labels.len()];
        for samples in by_class(labels).values() {
            samples.iter().for_each(|&sample| weights[sample] = 1.0 / samples.len() as f64);
        }
        Self::new(weights, labels.len())
    }

    /// No sample comes twice: what is drawn is drawn from those that are left.
    ///
    /// # Panics
    /// If fewer samples have a weight above 0 than are to be drawn.
    #[must_use]
    #[track_caller]
    pub fn without_replacement(self) -> Self {
        let most = self.weights.iter().filter(|&&weight| weight > 0.0).count();
        assert!(self.drawn <= most, "{} samples are to be drawn of {most} with a weight above 0", self.drawn);
        Self { replaced: false, ..self }
    }

    /// The sample whose stretch of the sum has this place in it.
    pub(super) fn at(&self, place: f64) -> usize {
        // Rounding may take a place to the very end, where the last sample with a weight is.
        let last = || self.weights.iter().rposition(|&weight| weight > 0.0).expect("a weight above 0");
        match self.sums.partition_point(|&sum| sum <= place) {
            sample if sample < self.sums.len() => sample,
            _ => last(),
        }
    }
}

impl Sampler for Weighted {
    fn len(&self) -> usize {
        self.drawn
    }

    fn order(&self, epoch: &mut Epoch) -> Vec<usize> {
        let rng = epoch.rng();
        if self.replaced {
            let total = self.sums.last().copied().unwrap_or(0.0);
            return (0..self.drawn).map(|_| self.at(rng.random::<f64>() * total)).collect();
        }
        // The first of waiting times with these rates are such a draw (Efraimidis and Spirakis 2006).
        let wait = |(sample, &weight): (usize, &f64)| (-(1.0 - rng.random::<f64>()).ln() / weight, sample);
        let weighted = self.weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
        let mut waits: Vec<(f64, usize)> = weighted.map(wait).collect();
        waits.sort_by(|a, b| a.0.total_cmp(&b.0));
        waits.into_iter().take(self.drawn).map(|(_, sample)| sample).collect()
    }
}
