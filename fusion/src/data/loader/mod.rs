//! Batches that are read and transformed ahead of the training loop.

mod crew;
mod epoch;
mod job;
mod state;
#[cfg(test)]
mod tests;

pub use epoch::EpochBatches;
pub use state::LoaderState;

use super::samplers::{BatchSampler, Random, Sequential};
use super::{Sampler, Samples, Source, Transform};
use crate::dim::Nat;
use crate::{Error, Result};
use epoch::{Place, at};
use job::Make;
use std::fmt;
use std::sync::Arc;

/// Batches of a [`Source`] for a training loop: shuffled, transformed, made by worker threads ahead of the loop, and resumed
/// where a run stopped. PyTorch: `DataLoader`.
///
/// ```
/// use fusion::data::DataLoader;
/// use fusion::prelude::*;
///
/// let train = fusion::data::digits().map_x(|x| x / 16.0);
/// let mut net = Linear::<dim!(64), dim!(10)>::init(&mut StdRng::seed_from_u64(0));
/// let mut opt = Sgd::new(0.1);
///
/// let loader = DataLoader::new(train, 64).shuffle(7).workers(2);
/// for epoch in loader.epochs(2) {
///     for batch in epoch {
///         let (x, y) = batch?;
///         let loss = net.forward(x.trace()).cross_entropy(&y);
///         opt.step(&mut net, loss.backward());
///     }
/// }
/// # Ok::<(), fusion::Error>(())
/// ```
///
/// A batch follows from the seed, the epoch and its number. So batches are the same, bit for bit, with any number of workers,
/// and in a run that was [resumed](Self::resume).
///
/// Whatever it loads from and transforms with, `B` is what a loop gets: a function that takes a `&DataLoader<(Images, Labels)>`
/// works for all.
#[doc(alias = "torch.utils.data.DataLoader")]
pub struct DataLoader<B> {
    make: Arc<Make<B>>,
    /// How many samples the source has.
    samples: usize,
    batches: BatchSampler,
    seed: u64,
    workers: usize,
    /// How many batches may be begun or ready; none was said.
    ahead: Option<usize>,
    place: Arc<Place>,
}

impl<B> DataLoader<B> {
    /// The samples of `source` in their order, in batches of `batch_size`, the last with what remains, made by the thread that
    /// asks for them.
    ///
    /// A [`Dataset`](super::Dataset) is a source; its clone costs nothing. One that is large and has no cheap clone goes to several
    /// loaders in an `Arc`.
    ///
    /// # Panics
    /// If `batch_size` is 0.
    #[track_caller]
    pub fn new<S: Source<Batch = B> + Send + Sync + 'static>(source: S, batch_size: usize) -> Self {
        let samples = source.num_samples();
        Self {
            make: Arc::new(move |samples, _| source.batch(samples)),
            samples,
            batches: BatchSampler::new(Sequential::new(samples), batch_size),
            seed: 0,
            workers: 0,
            ahead: None,
            place: Arc::default(),
        }
    }

    /// Each sample once in an epoch, in an order that follows from the seed and the epoch. The seed is that of transforms too.
    #[must_use]
    pub fn shuffle(self, seed: u64) -> Self {
        let samples = self.samples;
        self.sampler(Random::new(samples)).seed(seed)
    }

    /// Samples as a [sampler](super::samplers) chooses and orders them.
    #[must_use]
    pub fn sampler(self, sampler: impl Sampler + Send + Sync + 'static) -> Self {
        Self { batches: self.batches.sampler(sampler), ..self }
    }

    /// The seed that the sampler's order and the random choices of transforms follow from; 0 without being told.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Transforms each batch, after the transforms that were given before.
    ///
    /// ```
    /// use fusion::data::{DataLoader, Draw, Transform};
    /// use fusion::prelude::*;
    ///
    /// type Batch = (Tensor<shape![Dyn, 4]>, Tensor<shape![Dyn], i64>);
    ///
    /// /// Adds noise to flowers.
    /// struct Noise(f32);
    ///
    /// impl Transform<Batch> for Noise {
    ///     type Output = Batch;
    ///
    ///     fn apply(&self, (x, y): Batch, draw: &mut Draw) -> Batch {
    ///         let noise = x.randn_like(draw.rng());
    ///         (x + noise * self.0, y)
    ///     }
    /// }
    ///
    /// let loader = DataLoader::new(fusion::data::iris(), 16).transform(Noise(0.1)).workers(2);
    /// let first = || loader.epoch(0).next().unwrap().map(|(x, _)| x.to_vec());
    /// assert_eq!(first()?, first()?); // the noise of the first batch of epoch 0
    /// # Ok::<(), fusion::Error>(())
    /// ```
    #[must_use]
    pub fn transform<T>(self, transform: T) -> DataLoader<T::Output>
    where
        T: Transform<B> + Send + Sync + 'static,
        B: 'static,
    {
        self.then(move |batch, draw| transform.apply(batch, draw))
    }

    /// With the number of samples of each batch in its type; what remains at the end is left out.
    ///
    /// # Panics
    /// If batches have another size.
    ///
    /// ```
    /// use fusion::data::DataLoader;
    /// use fusion::prelude::*;
    ///
    /// let loader = DataLoader::new(fusion::data::iris(), 64).sized::<dim!(64)>();
    /// assert_eq!(loader.len(), 2);
    /// for batch in loader.epoch(0) {
    ///     let _: (Tensor<shape![64, 4]>, Tensor<shape![64], i64>) = batch?;
    /// }
    /// # Ok::<(), fusion::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sized<N: Nat>(self) -> DataLoader<B::Batch<N>>
    where
        B: Samples + 'static,
    {
        let size = self.batches.batch_size();
        assert!(size == N::N, "batches of {size} samples do not have the size {} of their type", N::N);
        self.drop_last().then(|batch, _| batch.with_batch_size())
    }

    /// With a further thing done to each batch.
    fn then<C>(self, f: impl Fn(B, &mut super::Draw<'_>) -> C + Send + Sync + 'static) -> DataLoader<C>
    where
        B: 'static,
    {
        let Self { make, samples, batches, seed, workers, ahead, place } = self;
        let make = Arc::new(move |samples: &[usize], draw: &mut super::Draw<'_>| Ok(f(make(samples, draw)?, draw)));
        DataLoader { make, samples, batches, seed, workers, ahead, place }
    }

    /// Makes batches with so many threads ahead of the loop, each of which computes alone; 0, which is the default, leaves all to
    /// the thread of the loop. PyTorch: `num_workers`.
    #[must_use]
    pub fn workers(self, threads: usize) -> Self {
        Self { workers: threads, ..self }
    }

    /// At most so many batches are ready or in the making while the loop is at another one; without being told, two for each
    /// worker. This bounds the memory.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    #[track_caller]
    #[doc(alias = "prefetch_factor")]
    pub fn prefetch(self, batches: usize) -> Self {
        assert!(batches > 0, "0 batches ahead of the loop: it needs at least one; `workers(0)` makes none ahead");
        Self { ahead: Some(batches), ..self }
    }

    /// Without a last batch that is smaller than the others.
    #[must_use]
    pub fn drop_last(self) -> Self {
        Self { batches: self.batches.drop_last(), ..self }
    }

    /// How many batches an epoch has.
    pub fn len(&self) -> usize {
        self.batches.len()
    }

    /// Has an epoch none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many samples a batch has, but for the last.
    pub fn batch_size(&self) -> usize {
        self.batches.batch_size()
    }

    /// All batches of the epoch with this number. It always gives the same ones: to test, `loader.epoch(0)`.
    ///
    /// # Panics
    /// If the sampler gives more or fewer samples than it says, or one that the source does not have.
    #[track_caller]
    pub fn epoch(&self, number: u64) -> EpochBatches<B> {
        let batches = self.batches.epoch(self.seed, number);
        let n = self.samples;
        if let Some(sample) = batches.order().iter().find(|&&sample| sample >= n) {
            panic!("the sampler asks for sample {sample}, but the source has {n}");
        }
        let ahead = self.ahead.unwrap_or(2 * self.workers);
        let shared = (self.make.clone(), self.place.clone());
        EpochBatches::new(shared, (self.seed, number), batches, (self.workers, ahead))
    }

    /// The epochs from where the loader [stands](Self::state) to the one before `end`; the first may have begun.
    ///
    /// A loader that was never asked stands at the beginning, one that was [resumed](Self::resume) where that run stopped. So a
    /// loop over `epochs(20)` is the same for a run and for the rest of one.
    pub fn epochs(&self, end: u64) -> impl Iterator<Item = EpochBatches<B>> + use<'_, B> {
        let (first, done) = *at(&self.place);
        (first..end).map(move |number| {
            let mut epoch = self.epoch(number);
            if number == first {
                epoch.leave_out(usize::try_from(done).unwrap_or(usize::MAX));
            }
            epoch
        })
    }

    /// Where the loop stands that asked last: after the last batch that it was given.
    ///
    /// To be saved once the step with that batch is done. After the last batch of an epoch, this is the end of that epoch; once the
    /// loop over the epoch is over, the beginning of the next.
    pub fn state(&self) -> LoaderState {
        let (epoch, batch) = *at(&self.place);
        LoaderState { epoch, batch, batches: self.len() as u64, seed: self.seed }
    }

    /// Goes on from there: the next [`epochs`](Self::epochs) begin with exactly those batches that were not handed out.
    ///
    /// # Errors
    /// [`Error::Argument`] in the middle of an epoch if that one has another seed or number of batches, for then there is no rest
    /// of it.
    pub fn resume(&self, state: LoaderState) -> Result<()> {
        let LoaderState { epoch, batch, batches, seed } = state;
        let (own, own_seed) = (self.len() as u64, self.seed);
        if batch > 0 && (batches != own || seed != own_seed || batch > batches) {
            return Err(Error::argument(
                "state",
                format!(
                    "the loader stopped after batch {batch} of {batches} with seed {seed}, and there is no rest of that epoch \
                     where epochs have {own} batches and seed {own_seed}"
                ),
            ));
        }
        *at(&self.place) = (epoch, batch);
        Ok(())
    }
}

impl<B> fmt::Debug for DataLoader<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("DataLoader");
        shown.field("samples", &self.samples).field("batches", &self.batches).field("seed", &self.seed);
        shown.field("workers", &self.workers).field("state", &self.state()).finish_non_exhaustive()
    }
}
