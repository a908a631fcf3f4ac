//! What a training loop may use: [metrics], [progress](Progress), [early stopping](EarlyStopping), a [log](Log),
//! [checkpoints](Checkpoints). Each piece serves alone; [`Fit`] puts them together. [`guide::training`](crate::guide::training)
//! begins at the beginning.

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
