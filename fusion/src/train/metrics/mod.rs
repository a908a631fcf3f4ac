//! How good predictions are, over batches.
//!
//! Each metric adds up what it needs of every batch (`update`) and gives its value of all of them, whatever their sizes: the
//! last, smaller batch counts for less by itself. Sums are whole numbers or `f64`. The definitions are scikit-learn's.
//!
//! ```
//! use fusion::prelude::*;
//! use fusion::train::metrics::Accuracy;
//!
//! let digits = fusion::data::digits();
//! let net = Linear::<dim!(64), dim!(10)>::init(&mut StdRng::seed_from_u64(0));
//! let mut accuracy = Accuracy::new();
//! for (x, y) in digits.batches(500) {
//!     accuracy.update(&net.forward(x), &y);
//! }
//! assert_eq!(accuracy.value(), net.forward(digits.x).accuracy(&digits.y));
//! ```
//!
//! | | of | gives |
//! | --- | --- | --- |
//! | [`RunningMean`] | numbers, as losses of batches | their mean |
//! | [`Accuracy`], [`TopK`] | scores of classes | the share of samples that are right |
//! | [`ConfusionMatrix`] | scores of classes, or classes | counts, accuracy, precision, recall and F1 by class and averaged, a table |
//! | [`BinaryScores`] | one score for each sample | ROC-AUC, average precision, and their curves |
//! | [`ClassScores`] | scores of classes | ROC-AUC and average precision of each class against the rest |
//! | [`Regression`] | numbers that are predicted | MAE, MSE, RMSE, R2 |
//!
//! **What counts.** Samples with the label of `ignore_index` count for nothing, as padding does. `update_where` takes a mask.
//!
//! **In parts.** `merge` adds what another one of the kind has seen: in another thread, or on another part of the data. Each is
//! saved and loaded by serde, and goes on where it was.
//!
//! **Bad input.** A label that is no class, and sizes that do not fit, are a panic at the caller's line that says which, or an
//! error of `try_update`; the batch counts for nothing then. Of no samples a share or a mean is NaN. A NaN among the scores of
//! a sample is the largest of them, as for [`Tensor::argmax`](crate::Tensor::argmax); a ranking or a regression with a NaN is
//! NaN.

mod classes;
mod confusion;
mod mean;
mod metric;
mod one_vs_rest;
mod ranking;
mod regression;

pub use classes::{Accuracy, TopK};
pub use confusion::{Average, ClassScore, ConfusionMatrix};
pub use mean::RunningMean;
pub use metric::Metric;
pub use one_vs_rest::ClassScores;
pub use ranking::BinaryScores;
pub use regression::{Errors, Regression};
