//! What a training loop may use: metrics, progress, logs, checkpoints. Each piece serves alone.

mod checkpoint;
mod fit;
mod log;
pub mod metrics;
mod progress;
mod saved;
mod stopping;

pub use checkpoint::{Checkpoint, Checkpoints, Parts, Run, SavedRng, Skipped};
pub use fit::{Fit, History, Moment};
pub use log::{Log, Record, Records};
pub use progress::{Progress, ProgressExt, Tracked};
pub use stopping::EarlyStopping;
