//! Whole networks held against PyTorch: state, outputs, loss, gradients and running statistics.
//!
//! The figures are in `goldens/nets.json`, made by `goldens/nets.py`, whose first lines describe them, and of the same form in
//! `goldens/models.json`, made by `goldens/models.py`. And the shape rules are held against `goldens/shapes.json`, made by
//! `goldens/shapes.py`.

#[path = "nets/attention.rs"]
mod attention;
#[path = "nets/classic.rs"]
mod classic;
#[path = "nets/following.rs"]
mod following;
#[path = "nets/formula.rs"]
mod formula;
#[path = "nets/joined.rs"]
mod joined;
#[path = "nets/models.rs"]
mod models;
#[path = "nets/residual.rs"]
mod residual;
#[path = "nets/shapes.rs"]
mod shapes;
#[path = "nets/vectors.rs"]
mod vectors;
