//! Batches of samples of about one length.

use super::super::{Epoch, Sampler};
use rand::seq::SliceRandom;

/// Each sample once in a random order, in which the samples of a batch have about one length, so that little of it is padding.
///
/// The samples are shuffled; those of 100 batches at a time are sorted by length and cut into batches; and these are
/// shuffled.
///
/// ```
/// use fusion::data::samplers::{BatchSampler, Bucketed};
///
/// let lengths: Vec<usize> = (0..1000).map(|i| i * 37 % 500).collect();
/// let batches = BatchSampler::new(Bucketed::new(lengths.clone()), 20);
/// for batch in batches.epoch(0, 0) {
///     let of = || batch.iter().map(|&sample| lengths[sample]);
///     assert!(of().max().unwrap() - of().min().unwrap() < 20);
/// }
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "BucketIterator")]
pub struct Bucketed {
    lengths: Vec<usize>,
    window: usize,
}

impl Bucketed {
    /// Of samples with these lengths.
    pub fn new(lengths: impl Into<Vec<usize>>) -> Self {
        Self { lengths: lengths.into(), window: 100 }
    }

    /// Sorts the samples of so many batches at a time. More makes lengths in a batch more equal, fewer the order more random.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    #[track_caller]
    pub fn window(self, batches: usize) -> Self {
        assert!(batches > 0, "a window of 0 batches: it needs at least one");
        Self { window: batches, ..self }
    }
}

impl Sampler for Bucketed {
    fn len(&self) -> usize {
        self.lengths.len()
    }

    fn order(&self, epoch: &mut Epoch) -> Vec<usize> {
        let size = epoch.batch_size();
        let rng = epoch.rng();
        let mut order: Vec<usize> = (0..self.lengths.len()).collect();
        order.shuffle(rng);
        // What is too little for a batch comes last, and is any of the samples: it may be dropped.
        let rest = order.split_off(order.len() - order.len() % size);
        for window in order.chunks_mut(size.saturating_mul(self.window)) {
            window.sort_by_key(|&sample| self.lengths[sample]);
        }
        let mut batches: Vec<&[usize]> = order.chunks(size).collect();
        batches.shuffle(rng);
        batches.push(&rest);
        batches.concat()
    }
}
