//! Normalisation.

mod batch;
mod group;
mod instance;
mod layer;
mod root;

pub use batch::*;
pub use group::*;
pub use instance::*;
pub use layer::*;
pub use root::*;
