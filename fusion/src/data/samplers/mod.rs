//! In which order an epoch shows the samples: all or some of them, in order or at random, by weight, class or length; and
//! the folds of a cross-validation.
//!
//! A sampler remembers nothing: for a seed and an epoch it gives one order, whatever was asked before. So a run that is
//! resumed in the middle of an epoch goes on with the samples that it had not seen.
//!
//! ```
//! use fusion::data::samplers::{BatchSampler, Random};
//!
//! let batches = BatchSampler::new(Random::new(10), 4);
//! assert_eq!(batches.len(), 3);
//! let mut seen: Vec<usize> = batches.epoch(7, 0).flatten().collect();
//! seen.sort();
//! assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
//! ```

mod batch;
mod bucketed;
mod classes;
mod folds;
mod plain;
mod stratified;
#[cfg(test)]
mod tests;
mod weighted;

pub use batch::{BatchSampler, SampleBatches};
pub use bucketed::Bucketed;
pub(super) use classes::by_class;
pub use folds::{KFold, StratifiedKFold};
pub use plain::{Random, Sequential, Subset};
pub use stratified::Stratified;
pub use weighted::Weighted;

use super::Epoch;

/// The order in which an epoch shows samples.
///
/// It is a function of the seed and the epoch alone, by way of the [`Epoch`] that it is given. PyTorch: `Sampler`, whose
/// orders depend on what was drawn before.
///
/// ```
/// use fusion::data::{DataLoader, Epoch, Sampler};
///
/// /// Each epoch begins where the last one ended.
/// struct Rotated {
///     samples: usize,
///     by: usize,
/// }
///
/// impl Sampler for Rotated {
///     fn len(&self) -> usize {
///         self.samples
///     }
///
///     fn order(&self, epoch: &mut Epoch) -> Vec<usize> {
///         (0..self.samples).map(|i| (i + self.by * epoch.number() as usize) % self.samples).collect()
///     }
/// }
///
/// let loader = DataLoader::new(fusion::data::iris(), 50).sampler(Rotated { samples: 150, by: 50 });
/// let (_, y) = loader.epoch(1).next().unwrap()?;
/// assert_eq!(y.to_vec(), [1; 50]);
/// # Ok::<(), fusion::Error>(())
/// ```
pub trait Sampler {
    /// How many samples an epoch shows.
    fn len(&self) -> usize;

    /// Does an epoch show none?
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of the samples, in the order of this epoch.
    fn order(&self, epoch: &mut Epoch) -> Vec<usize>;
}
