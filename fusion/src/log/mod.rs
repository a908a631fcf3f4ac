//! A run's log: what a training loop says of itself, in a file that others read while it grows.
//!
//! [`Run`] writes it, [`Reader`] reads it. [`guide::log`](crate::guide::log) begins at the beginning.
//!
//! For a table of a few numbers an epoch that people and spreadsheets read, there is [`train::Log`](crate::train::Log), a text
//! file. This is for curves with a point each step, and for what is no number: histograms, images, the network, its gradients.

mod codec;
pub(crate) mod frame;
mod growing;
mod read;
mod record;
mod run;
mod tell;
#[cfg(feature = "tensorboard")]
mod tensorboard;
#[cfg(test)]
mod tests;

pub use crate::graph::{Graph, GraphNode};
pub use crate::nn::NetworkLayer;
pub use read::Reader;
pub use record::{
    Confusion, Entry, Histogram, NamedGraph, NamedImage, Network, OperationState, ParameterState, Picture, Predictions,
    Record, Text,
};
pub use run::Run;
