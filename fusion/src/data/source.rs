//! Where batches come from: memory, or files that are read when they are asked for.

use super::{Dataset, Samples};
use crate::Result;
use std::sync::Arc;

/// Samples that may be asked for by their numbers, a batch at a time.
///
/// A [`Dataset`] is one, whose samples lie in memory. PyTorch: a map-style `Dataset` together with its `collate_fn`.
///
/// ```
/// use fusion::data::Source;
/// use fusion::prelude::*;
///
/// /// The squares of the first numbers, made when they are asked for.
/// struct Squares(usize);
///
/// impl Source for Squares {
///     type Batch = (Tensor<shape![Dyn]>, Tensor<shape![Dyn]>);
///
///     fn num_samples(&self) -> usize {
///         self.0
///     }
///
///     fn batch(&self, samples: &[usize]) -> fusion::Result<Self::Batch> {
///         let x = Tensor::from(samples.iter().map(|&i| i as f32).collect::<Vec<_>>());
///         Ok((x.clone(), x.square()))
///     }
/// }
///
/// let (_, y) = Squares(10).batch(&[3, 2])?;
/// assert_eq!(y.to_vec(), [9.0, 4.0]);
/// # Ok::<(), fusion::Error>(())
/// ```
pub trait Source {
    /// Samples side by side, most often inputs and targets.
    type Batch;

    /// How many samples there are.
    fn num_samples(&self) -> usize;

    /// The samples with these numbers, in their order; any may come several times.
    ///
    /// # Errors
    /// If one cannot be read.
    ///
    /// # Panics
    /// If there is no such sample.
    fn batch(&self, samples: &[usize]) -> Result<Self::Batch>;
}

impl<X: Samples, Y: Samples> Source for Dataset<X, Y> {
    type Batch = (X, Y);

    fn num_samples(&self) -> usize {
        self.len()
    }

    fn batch(&self, samples: &[usize]) -> Result<(X, Y)> {
        Ok((self.x.gather_samples(samples), self.y.gather_samples(samples)))
    }
}

/// One source for several loaders.
impl<S: Source + ?Sized> Source for Arc<S> {
    type Batch = S::Batch;

    fn num_samples(&self) -> usize {
        (**self).num_samples()
    }

    fn batch(&self, samples: &[usize]) -> Result<S::Batch> {
        (**self).batch(samples)
    }
}
