//! The random numbers of a batch.

use rand::SeedableRng;
use rand::rngs::StdRng;

/// What random choices about a batch are made from: a generator of its own, the epoch, and which samples it has.
///
/// It follows from the seed of the run, the epoch and the batch's number alone, and from nothing that happened before. So
/// batches have the same augmentation whoever makes them, in whatever order, and a run that is resumed in the middle of an
/// epoch goes on as if it had never stopped.
///
/// ```
/// use fusion::data::Draw;
/// use fusion::prelude::*;
///
/// let number = || Draw::new(7, 0, 3, &[5, 6]).rng().random::<u64>();
/// assert_eq!(number(), number());
/// ```
#[derive(Debug)]
pub struct Draw<'a> {
    seed: u64,
    epoch: u64,
    samples: &'a [usize],
    rng: StdRng,
}

impl<'a> Draw<'a> {
    /// For the batch with this number of this epoch, which has these samples.
    pub fn new(seed: u64, epoch: u64, batch: u64, samples: &'a [usize]) -> Self {
        let mut bytes = [0; 32];
        for (place, number) in bytes.chunks_exact_mut(8).zip([seed, epoch, batch, 1]) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        Self { seed, epoch, samples, rng: StdRng::from_seed(bytes) }
    }

    /// The batch's generator.
    pub fn rng(&mut self) -> &mut StdRng {
        &mut self.rng
    }

    /// The seed of the run, for what must stay the same for a sample from epoch to epoch.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How many epochs went before this one.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The numbers of the samples in the batch, in their order.
    pub fn samples(&self) -> &'a [usize] {
        self.samples
    }
}
