//! Normalisation.

mod batch;
mod group;
mod layer;

pub use batch::*;
pub use group::*;
pub use layer::*;
