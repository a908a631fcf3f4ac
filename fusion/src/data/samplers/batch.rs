//! Orders of samples, cut into batches.

use super::super::cut::Cut;
use super::super::{Epoch, Sampler};
use std::fmt;
use std::iter::FusedIterator;
use std::ops::Range;
use std::sync::Arc;

/// The batches of a sampler, as lists of the numbers of samples. PyTorch: `BatchSampler`.
///
/// ```
/// use fusion::data::samplers::{BatchSampler, Sequential};
///
/// let batches = BatchSampler::new(Sequential::new(5), 2);
/// assert_eq!(batches.epoch(0, 0).collect::<Vec<_>>(), [vec![0, 1], vec![2, 3], vec![4]]);
/// assert_eq!(batches.drop_last().len(), 2);
/// ```
#[derive(Clone)]
pub struct BatchSampler {
    sampler: Arc<dyn Sampler + Send + Sync>,
    size: usize,
    drop_last: bool,
}

impl BatchSampler {
    /// Batches of `size` samples; the last has what remains.
    ///
    /// # Panics
    /// If `size` is 0.
    #[track_caller]
    pub fn new(sampler: impl Sampler + Send + Sync + 'static, size: usize) -> Self {
        Cut::new(0, size);
        Self { sampler: Arc::new(sampler), size, drop_last: false }
    }

    /// With batches of another sampler.
    #[must_use]
    pub fn sampler(self, sampler: impl Sampler + Send + Sync + 'static) -> Self {
        Self { sampler: Arc::new(sampler), ..self }
    }

    /// Without a last batch that is smaller than the others.
    #[must_use]
    pub fn drop_last(self) -> Self {
        Self { drop_last: true, ..self }
    }

    /// How many batches an epoch has.
    pub fn len(&self) -> usize {
        self.cut().len()
    }

    /// Has an epoch none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many samples a batch has, but for the last.
    pub fn batch_size(&self) -> usize {
        self.size
    }

    /// The batches of an epoch.
    ///
    /// # Panics
    /// If the sampler gives more or fewer samples than it says.
    #[track_caller]
    pub fn epoch(&self, seed: u64, number: u64) -> SampleBatches {
        let order = self.sampler.order(&mut Epoch::new(seed, number, self.size));
        let (said, given) = (self.sampler.len(), order.len());
        assert!(said == given, "the sampler's epoch has {given} samples, but its `len()` says {said}");
        SampleBatches { order: order.into(), cut: self.cut() }
    }

    fn cut(&self) -> Cut {
        let mut cut = Cut::new(self.sampler.len(), self.size);
        if self.drop_last {
            cut.drop_last();
        }
        cut
    }
}

impl fmt::Debug for BatchSampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sampler, size, drop_last } = self;
        let mut shown = f.debug_struct("BatchSampler");
        shown.field("samples", &sampler.len()).field("size", size).field("drop_last", drop_last).finish_non_exhaustive()
    }
}

/// The batches of an epoch: what [`BatchSampler::epoch`] gives.
#[derive(Clone, Debug)]
#[must_use = "an iterator does nothing until it is asked"]
pub struct SampleBatches {
    order: Arc<[usize]>,
    cut: Cut,
}

impl SampleBatches {
    /// All samples of the epoch, in their order.
    pub(in crate::data) fn order(&self) -> &Arc<[usize]> {
        &self.order
    }

    /// The places in the order that the next batch takes.
    pub(in crate::data) fn step(&mut self) -> Option<Range<usize>> {
        self.cut.step()
    }

    /// Leaves out the next batches; all, if there are fewer.
    pub(in crate::data) fn skip_batches(&mut self, batches: usize) {
        self.cut.skip(batches);
    }
}

impl Iterator for SampleBatches {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        self.step().map(|places| self.order[places].to_vec())
    }

    fn nth(&mut self, n: usize) -> Option<Vec<usize>> {
        self.skip_batches(n);
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.cut.len(), Some(self.cut.len()))
    }
}

impl ExactSizeIterator for SampleBatches {}
impl FusedIterator for SampleBatches {}
