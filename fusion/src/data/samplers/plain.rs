//! All samples or a part of them, in order or at random.

use super::super::{Epoch, Sampler};
use rand::RngExt;
use rand::seq::SliceRandom;

/// Each sample once, from the first to the last. PyTorch: `SequentialSampler`.
///
/// ```
/// use fusion::data::{Epoch, Sampler, samplers::Sequential};
///
/// assert_eq!(Sequential::new(3).order(&mut Epoch::new(0, 0, 1)), [0, 1, 2]);
/// ```
#[derive(Clone, Copy, Debug)]
#[doc(alias = "SequentialSampler")]
pub struct Sequential {
    samples: usize,
}

impl Sequential {
    /// Of so many samples.
    pub fn new(samples: usize) -> Self {
        Self { samples }
    }
}

impl Sampler for Sequential {
    fn len(&self) -> usize {
        self.samples
    }

    fn order(&self, _: &mut Epoch) -> Vec<usize> {
        (0..self.samples).collect()
    }
}

/// Each sample once in a random order, or [any so often](Self::with_replacement) as chance has it. PyTorch: `RandomSampler`.
///
/// ```
/// use fusion::data::{Epoch, Sampler, samplers::Random};
///
/// let mut order = Random::new(5).order(&mut Epoch::new(0, 0, 1));
/// order.sort();
/// assert_eq!(order, [0, 1, 2, 3, 4]);
/// assert_eq!(Random::new(5).with_replacement(8).len(), 8);
/// ```
#[derive(Clone, Copy, Debug)]
#[doc(alias = "RandomSampler")]
pub struct Random {
    samples: usize,
    drawn: Option<usize>,
}

impl Random {
    /// Of so many samples.
    pub fn new(samples: usize) -> Self {
        Self { samples, drawn: None }
    }

    /// Draws `drawn` times from all samples, each with the same chance each time.
    ///
    /// # Panics
    /// If there is nothing to draw from.
    #[must_use]
    #[track_caller]
    pub fn with_replacement(self, drawn: usize) -> Self {
        assert!(self.samples > 0 || drawn == 0, "there are no samples, of which {drawn} are to be drawn");
        Self { drawn: Some(drawn), ..self }
    }
}

impl Sampler for Random {
    fn len(&self) -> usize {
        self.drawn.unwrap_or(self.samples)
    }

    fn order(&self, epoch: &mut Epoch) -> Vec<usize> {
        let rng = epoch.rng();
        match self.drawn {
            Some(drawn) => (0..drawn).map(|_| rng.random_range(0..self.samples)).collect(),
            None => {
                let mut order: Vec<usize> = (0..self.samples).collect();
                order.shuffle(rng);
                order
            }
        }
    }
}

/// These samples only, in their order or [at random](Self::shuffled): a fold of a cross-validation, say. PyTorch:
/// `SubsetRandomSampler`.
///
/// ```
/// use fusion::data::{DataLoader, samplers::Subset};
///
/// let loader = DataLoader::new(fusion::data::iris(), 16).sampler(Subset::new([149, 0, 75]));
/// let (_, y) = loader.epoch(0).next().unwrap()?;
/// assert_eq!(y.to_vec(), [2, 0, 1]);
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "SubsetRandomSampler")]
pub struct Subset {
    samples: Vec<usize>,
    shuffled: bool,
}

impl Subset {
    /// The samples with these numbers.
    pub fn new(samples: impl Into<Vec<usize>>) -> Self {
        Self { samples: samples.into(), shuffled: false }
    }

    /// In a random order, another one for each epoch.
    #[must_use]
    pub fn shuffled(self) -> Self {
        Self { shuffled: true, ..self }
    }
}

impl Sampler for Subset {
    fn len(&self) -> usize {
        self.samples.len()
    }

    fn order(&self, epoch: &mut Epoch) -> Vec<usize> {
        let mut order = self.samples.clone();
        if self.shuffled {
            order.shuffle(epoch.rng());
        }
        order
    }
}
