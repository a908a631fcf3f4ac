//! A network as a page shows it: its layers with figures over time, histograms, and recorded computations.

mod figures;
mod histograms;
mod routes;

pub use figures::{Drawn, figures};
pub use histograms::{Heights, heights};
pub use routes::routes;
