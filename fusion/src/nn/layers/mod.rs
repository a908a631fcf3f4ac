//! The layers of the library, a file for each family. All that is public in one of them is a layer.

#[macro_use]
mod stateless;

mod activation;
mod attention;
mod conv;
mod dropout;
mod embedding;
mod linear;
mod norm;
mod pooling;
mod prelu;
mod shape;

pub use activation::*;
pub use attention::*;
pub use conv::*;
pub use dropout::*;
pub use embedding::*;
pub use linear::*;
pub use norm::*;
pub use pooling::*;
pub use prelu::*;
pub use shape::*;
