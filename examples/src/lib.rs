//! The examples are the programs beside this crate: `cargo run --release --example digits`.
//! Here is what several share: where data lies, and how those that learn to tell images apart train and predict.

mod folder;
pub mod training;

pub use folder::Folder;
