//! The layers of the library. A file here exports its layers, and nothing else.

#[macro_use]
mod stateless;

pub(crate) mod activation;
pub(crate) mod attention;
pub(crate) mod conv;
pub(crate) mod embedding;
pub(crate) mod linear;
pub(crate) mod norm;
pub(crate) mod pooling;
pub(crate) mod shape;

pub use activation::*;
pub use attention::*;
pub use conv::*;
pub use embedding::*;
pub use linear::*;
pub use norm::*;
pub use pooling::*;
pub use shape::*;
