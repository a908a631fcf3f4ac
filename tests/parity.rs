//! Fusion held against PyTorch: operations, optimizers, a network's first hundred training steps.
//!
//! The values are in `goldens/`, made by `goldens/make.py`, whose first lines describe the files, and
//! `goldens/elements.py`, `goldens/layers.py`, `goldens/products.py`, `goldens/reductions.py`, `goldens/windows.py` and `goldens/schedules.py`.

#[path = "parity/elements.rs"]
mod elements;
#[path = "parity/golden.rs"]
mod golden;
#[path = "parity/layers.rs"]
mod layers;
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
#[path = "parity/training.rs"]
mod training;
#[path = "parity/windows.rs"]
mod windows;
