//! How a batch is made, on whichever thread.

use super::super::Draw;
use crate::Result;
use std::ops::Range;
use std::sync::Arc;

/// Reads these samples and transforms them.
pub(super) type Make<B> = dyn Fn(&[usize], &mut Draw<'_>) -> Result<B> + Send + Sync;

/// What every batch of an epoch is made from.
pub(super) struct Job<B> {
    pub(super) make: Arc<Make<B>>,
    pub(super) order: Arc<[usize]>,
    pub(super) seed: u64,
    pub(super) epoch: u64,
}

impl<B> Job<B> {
    /// The batch with this number, whose samples have these places in the order.
    pub(super) fn batch(&self, number: u64, places: Range<usize>) -> Result<B> {
        let samples = &self.order[places];
        (self.make)(samples, &mut Draw::new(self.seed, self.epoch, number, samples))
    }
}
