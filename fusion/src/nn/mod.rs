//! Networks: modules, layers, starting values.

mod activation;
mod chain;
pub mod init;
mod linear;
pub(crate) mod model;
mod module;
mod summary;

pub use activation::{Dropout, Flatten, Relu, Sigmoid, Tanh};
pub use chain::Chain;
pub use linear::Linear;
pub use module::{Forward, Init, Module, Path, freeze};
pub use summary::{Row, Summary};
