//! Networks: modules, layers, starting values.

pub mod init;
pub(crate) mod inspect;
pub(crate) mod layers;
pub(crate) mod macro_support;
pub(crate) mod module;
pub mod rule;
mod sequential;
#[cfg(test)]
mod tests;

pub use crate::ops::attention::Attend;
pub use inspect::cost::{Cost, Known, cost};
pub use inspect::sketch::Sketch;
pub use inspect::summary::{Row, Summary};
pub use layers::*;
pub use module::buffer::Buffer;
pub use module::duplicate::tie;
pub use module::freeze::{freeze, unfreeze};
pub use module::visit::{Argument, Layer, LayerKind, Part, Shown, Visit};
pub use module::{Forward, Init, Module, Path};
pub use sequential::Sequential;
