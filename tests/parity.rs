//! Fusion held against PyTorch: operations, optimizers, a network's first hundred training steps.
//!
//! The values are in `goldens/`, made by `goldens/make.py`, whose first lines describe the files, and
//! the other scripts of that folder. How far the operations are from PyTorch, and how networks learn, stands in the guide's
//! chapter `parity`: `FUSION_TABLE=write cargo test -p fusion-tests --test parity` writes its tables.

#[path = "parity/curves.rs"]
mod curves;
#[path = "parity/elements.rs"]
mod elements;
#[path = "parity/further.rs"]
mod further;
#[path = "parity/golden.rs"]
mod golden;
#[path = "parity/indexing.rs"]
mod indexing;
#[path = "parity/layers.rs"]
mod layers;
#[path = "parity/learning.rs"]
mod learning;
#[path = "parity/losses.rs"]
mod losses;
#[path = "parity/metrics.rs"]
mod metrics;
#[path = "parity/minimizers.rs"]
mod minimizers;
#[path = "parity/movement.rs"]
mod movement;
#[path = "parity/operations.rs"]
mod operations;
#[path = "parity/ops.rs"]
mod ops;
#[path = "parity/products.rs"]
mod products;
#[path = "parity/reductions.rs"]
mod reductions;
#[path = "parity/schedules.rs"]
mod schedules;
#[path = "parity/statistics.rs"]
mod statistics;
#[path = "parity/table.rs"]
mod table;
#[path = "parity/tables.rs"]
mod tables;
#[path = "parity/training.rs"]
mod training;
#[path = "parity/transforms.rs"]
mod transforms;
#[path = "parity/windows.rs"]
mod windows;
