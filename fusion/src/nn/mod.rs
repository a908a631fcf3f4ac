//! Networks: modules, layers, starting values.

#[macro_use]
mod stateless;

mod activation;
mod attention;
mod buffer;
mod chain;
mod conv;
pub(crate) mod copy;
mod cost;
pub(crate) mod derive;
mod embedding;
mod follow;
mod freeze;
pub mod init;
mod linear;
pub(crate) mod model;
mod module;
mod norm;
mod pool;
mod resize;
pub mod rule;
pub(crate) mod shown;
mod sketch;
mod summary;
#[cfg(test)]
mod tests;
mod visit;

pub use activation::{Dropout, Flatten, Gelu, LeakyRelu, Relu, Sigmoid, Silu, Softmax, Tanh};
pub use attention::MultiHeadAttention;
pub use buffer::Buffer;
pub use chain::Chain;
pub use conv::{Conv2d, ConvTranspose2d};
pub use copy::tie;
pub use cost::{Cost, Known, cost};
pub use embedding::Embedding;
pub use freeze::{freeze, unfreeze};
pub use linear::Linear;
pub use module::{Forward, Init, Module, Path};
pub use norm::{BatchNorm2d, LayerNorm};
pub use pool::{AdaptiveAvgPool2d, AdaptiveMaxPool2d, AvgPool2d, GlobalAvgPool2d, MaxPool2d};
pub use resize::{Unflatten, Upsample};
pub use sketch::Sketch;
pub use summary::{Row, Summary};
pub use visit::{Layer, Part, Visit};
