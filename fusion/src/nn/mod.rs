//! Networks: modules, layers, losses, starting values.

mod checkpoint;
pub mod init;
pub(crate) mod inspect;
pub(crate) mod layers;
pub mod loss;
pub(crate) mod macro_support;
pub(crate) mod module;
mod prepare;
pub mod rule;
mod sequential;
#[cfg(test)]
mod tests;

pub use crate::graph::Census;
pub use crate::ops::attention::Attend;
pub use checkpoint::checkpoint;
pub use inspect::cost::{Cost, Known, Memory, cost};
pub use inspect::explain::{GradientReport, GradientRow, OperationReport, OperationRow, Verdict};
pub use inspect::sketch::{NetworkLayer, Sketch};
pub use inspect::summary::{Row, Summary};
pub use layers::*;
pub use module::buffer::Buffer;
pub use module::duplicate::tie;
pub(crate) use module::follow;
pub use module::freeze::{freeze, unfreeze};
pub(crate) use module::generators::{generators, set_generators};
pub use module::visit::{Argument, Layer, LayerKind, Part, Shown, Visit};
pub use module::{Forward, Init, Module, Path};
pub use prepare::{Prepare, Prepared};
pub use sequential::Sequential;
