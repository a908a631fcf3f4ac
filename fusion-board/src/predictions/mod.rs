//! What a classifier says of samples: which classes are taken for which, what was wrong, and how well scores tell classes apart.
//!
//! All figures are those of [`fusion::train::metrics`].

mod curves;
mod matrix;
mod routes;
mod scores;
mod wrong;

pub use curves::{Curve, curves};
pub use matrix::{Told, of_confusion, of_predictions};
pub use routes::routes;
pub use wrong::{Wrong, wrong};
