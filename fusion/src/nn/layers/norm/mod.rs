//! Normalisation.

mod batch;
mod group;
mod layer;

pub use batch::{BatchNorm1d, BatchNorm2d};
pub use group::GroupNorm;
pub use layer::LayerNorm;
