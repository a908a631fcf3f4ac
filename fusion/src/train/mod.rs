//! What a training loop may use: metrics, progress, logs, checkpoints. Each piece serves alone.

pub mod metrics;
mod saved;
