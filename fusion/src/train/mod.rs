//! What a training loop may use: metrics, progress, logs, checkpoints. Each piece serves alone.

mod checkpoint;
pub mod metrics;
mod saved;

pub use checkpoint::{Checkpoint, Checkpoints, Parts, Run, SavedRng, Skipped};
