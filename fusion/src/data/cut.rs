//! The rule by which samples in a row become batches.

use std::ops::Range;

/// What is left of a row of samples, to be taken a batch at a time.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// The samples of each batch; the last may have fewer.
    size: usize,
    /// The first sample of the next batch.
    next: usize,
    /// Where to stop.
    end: usize,
}

impl Cut {
    #[track_caller]
    pub(super) fn new(samples: usize, size: usize) -> Self {
        assert!(size > 0, "a batch of 0 samples: it needs at least one");
        Self { size, next: 0, end: samples }
    }

    /// Without a last batch that is smaller than the others.
    pub(super) fn drop_last(&mut self) {
        self.end -= (self.end - self.next) % self.size;
    }

    /// The first place that is left.
    pub(super) fn next(&self) -> usize {
        self.next
    }

    /// How many batches are left.
    pub(super) fn len(&self) -> usize {
        (self.end - self.next).div_ceil(self.size)
    }

    /// The places that the next batch takes.
    pub(super) fn step(&mut self) -> Option<Range<usize>> {
        if self.next == self.end {
            return None;
        }
        let start = self.next;
        self.skip(1);
        Some(start..self.next)
    }

    /// Leaves out the next batches; all, if there are fewer.
    pub(super) fn skip(&mut self, batches: usize) {
        self.next = self.end.min(self.next.saturating_add(batches.saturating_mul(self.size)));
    }
}
