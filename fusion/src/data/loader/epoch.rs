//! The batches of one epoch.

use super::super::samplers::SampleBatches;
use super::crew::Crew;
use super::job::{Job, Make};
use crate::Result;
use std::fmt;
use std::iter::FusedIterator;
use std::sync::{Arc, Mutex, PoisonError};

/// The epoch and the batch that come next.
pub(super) type Place = Mutex<(u64, u64)>;

/// Sets or reads where a loader stands.
pub(super) fn at(place: &Place) -> std::sync::MutexGuard<'_, (u64, u64)> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The batches of one epoch, in their order: what [`DataLoader::epoch`](super::DataLoader::epoch) and
/// [`epochs`](super::DataLoader::epochs) give.
///
/// It knows how many batches are left (`len()`), for a progress bar. A batch that cannot be read is an error in its place, and
/// the next one follows. `skip(n)` and `nth(n)` at the beginning cost nothing. Dropped early, it waits for the batches that
/// its workers are at, and ends them.
///
/// ```
/// use fusion::data::DataLoader;
///
/// let loader = DataLoader::new(fusion::data::iris(), 64);
/// let epoch = loader.epoch(0);
/// assert_eq!((epoch.number(), epoch.len()), (0, 3));
/// let (x, _) = epoch.skip(2).next().unwrap()?;
/// assert_eq!(x.shape(), [22, 4]);
/// # Ok::<(), fusion::Error>(())
/// ```
#[must_use = "an iterator does nothing until it is asked"]
pub struct EpochBatches<B> {
    make: Arc<Make<B>>,
    seed: u64,
    epoch: u64,
    /// What was not handed out.
    left: SampleBatches,
    /// The number of the first of these.
    next: u64,
    workers: usize,
    ahead: usize,
    /// From the first batch to the last, if there are workers.
    crew: Option<Crew<B>>,
    place: Arc<Place>,
}

impl<B> EpochBatches<B> {
    pub(super) fn new(
        (make, place): (Arc<Make<B>>, Arc<Place>),
        (seed, epoch): (u64, u64),
        left: SampleBatches,
        (workers, ahead): (usize, usize),
    ) -> Self {
        Self { make, seed, epoch, left, next: 0, workers, ahead, crew: None, place }
    }

    /// The number of the epoch, counted from 0.
    pub fn number(&self) -> u64 {
        self.epoch
    }

    /// Leaves out batches that no worker has begun.
    pub(super) fn leave_out(&mut self, batches: usize) {
        let before = self.left.len();
        self.left.skip_batches(batches);
        self.next += (before - self.left.len()) as u64;
    }

    fn job(&self) -> Job<B> {
        Job { make: self.make.clone(), order: self.left.order().clone(), seed: self.seed, epoch: self.epoch }
    }
}

impl<B: Send + 'static> Iterator for EpochBatches<B> {
    type Item = Result<B>;

    #[track_caller]
    fn next(&mut self) -> Option<Result<B>> {
        if self.workers > 0 && self.crew.is_none() && self.left.len() > 0 {
            self.crew = Crew::start(self.job(), self.left.clone(), self.next, self.workers, self.ahead);
            if self.crew.is_none() {
                self.workers = 0;
            }
        }
        let Some(places) = self.left.step() else {
            self.crew = None;
            if self.next != u64::MAX {
                *at(&self.place) = (self.epoch + 1, 0);
                self.next = u64::MAX;
            }
            return None;
        };
        let number = self.next;
        self.next += 1;
        *at(&self.place) = (self.epoch, self.next);
        Some(match &self.crew {
            Some(crew) => crew.take(),
            None => self.job().batch(number, places),
        })
    }

    #[track_caller]
    fn nth(&mut self, n: usize) -> Option<Result<B>> {
        if self.crew.is_none() {
            self.leave_out(n);
        } else {
            for _ in 0..n {
                let _ = self.next()?;
            }
        }
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl<B: Send + 'static> ExactSizeIterator for EpochBatches<B> {}
impl<B: Send + 'static> FusedIterator for EpochBatches<B> {}

impl<B> fmt::Debug for EpochBatches<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("EpochBatches");
        shown.field("number", &self.epoch).field("left", &self.left.len()).finish_non_exhaustive()
    }
}
