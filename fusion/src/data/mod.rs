//! Data sets: scikit-learn's toy sets inside the crate, splits, mini-batches, scaling and summaries.
//!
//! ```
//! use fusion::data;
//! use fusion::prelude::*;
//!
//! let mut rng = StdRng::seed_from_u64(0);
//! let (train, test) = data::iris().split_stratified(0.2, &mut rng);
//! let scale = data::Standardizer::fit(&train.x);
//! let train = train.map_x(|x| scale.transform(x));
//! let test = test.map_x(|x| scale.transform(x));
//! assert_eq!((train.len(), test.len()), (120, 30));
//!
//! for (x, y) in train.batches(16).shuffle(&mut rng) {
//!     let _: (Tensor<shape![Dyn, 4]>, Tensor<shape![Dyn], i64>) = (x, y);
//! }
//! ```

mod batches;
#[cfg(feature = "files")]
pub mod csv;
mod cut;
mod dataset;
mod draw;
#[cfg(feature = "files")]
pub(crate) mod files;
mod fitted;
mod loader;
pub mod samplers;
mod samples;
mod sets;
mod source;
mod statistics;
pub mod transforms;

pub use batches::{Batches, BatchesOf};
pub use dataset::Dataset;
pub use draw::{Draw, Epoch};
#[cfg(feature = "files")]
pub use files::*;
pub use fitted::{Categories, MinMax, Pca, Standardizer};
pub use loader::{DataLoader, EpochBatches, LoaderState};
pub use samplers::Sampler;
pub use samples::{Samples, Unlabelled};
pub use sets::*;
pub use source::Source;
pub use statistics::{Bins, BoxPlot, Column, Correlation, Correlations, Description, Histogram, columns};
pub use transforms::Transform;

use crate::dim::Dyn;
use crate::tensor::Tensor;

/// Samples of `F` numbers, each with the number of its class.
pub type ClassificationSet<F> = Dataset<Tensor<(Dyn, F)>, Tensor<(Dyn,), i64>>;

/// Samples of `F` numbers, each with `K` numbers to be predicted.
pub type RegressionSet<F, K> = Dataset<Tensor<(Dyn, F)>, Tensor<(Dyn, K)>>;
