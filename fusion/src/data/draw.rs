//! The random numbers of a batch, and of the order of an epoch.

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
        Self { seed, epoch, samples, rng: generator([seed, epoch, batch, 1]) }
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

/// What a [`Sampler`](super::Sampler) makes the order of an epoch from: a generator of its own, the epoch's number, and the size
/// of the batches that the order is cut into.
///
/// As with [`Draw`], it follows from the seed of the run and the epoch alone.
///
/// ```
/// use fusion::data::Epoch;
/// use fusion::prelude::*;
///
/// let number = |epoch| Epoch::new(7, epoch, 32).rng().random::<u64>();
/// assert_eq!(number(3), number(3));
/// assert_ne!(number(3), number(4));
/// ```
#[derive(Debug)]
pub struct Epoch {
    number: u64,
    batch_size: usize,
    rng: StdRng,
}

impl Epoch {
    /// The epoch with this number, counted from 0, of a run with this seed.
    pub fn new(seed: u64, number: u64, batch_size: usize) -> Self {
        Self { number, batch_size, rng: generator([seed, number, 0, 0]) }
    }

    /// The epoch's generator.
    pub fn rng(&mut self) -> &mut StdRng {
        &mut self.rng
    }

    /// How many epochs went before this one.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How many samples a batch has; the last may have fewer.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }
}

/// A generator for these numbers. The last one keeps those of batches apart from those of orders.
fn generator(numbers: [u64; 4]) -> StdRng {
    let mut bytes = [0; 32];
    for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    StdRng::from_seed(bytes)
}
