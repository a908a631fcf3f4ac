//! Networks: modules, layers, starting values.

pub mod init;
pub(crate) mod inspect;
mod layers;
pub(crate) mod macro_support;
pub(crate) mod module;
pub mod rule;
mod sequential;
#[cfg(test)]
mod tests;

pub use inspect::cost::{Cost, Known, cost};
pub use inspect::layer::{Argument, Layer, LayerKind};
pub use inspect::sketch::Sketch;
pub use inspect::summary::{Row, Summary};
pub use inspect::visit::{Part, Visit};
pub use layers::activation::{Dropout, Flatten, Gelu, LeakyRelu, Relu, Sigmoid, Silu, Softmax, Tanh};
pub use layers::attention::MultiHeadAttention;
pub use layers::conv::{Conv2d, ConvTranspose2d};
pub use layers::embedding::Embedding;
pub use layers::linear::Linear;
pub use layers::norm::{BatchNorm2d, LayerNorm};
pub use layers::pooling::{AdaptiveAvgPool2d, AdaptiveMaxPool2d, AvgPool2d, GlobalAvgPool2d, MaxPool2d};
pub use layers::shape::{Unflatten, Upsample};
pub use module::buffer::Buffer;
pub use module::duplicate::tie;
pub use module::freeze::{freeze, unfreeze};
pub use module::{Forward, Init, Module, Path};
pub use sequential::Sequential;
