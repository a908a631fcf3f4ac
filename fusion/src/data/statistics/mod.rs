//! What the numbers of a data set look like: figures, histograms, boxes, correlations.

mod box_plot;
mod correlation;
mod describe;
mod histogram;
mod numbers;

pub use box_plot::BoxPlot;
pub use correlation::{Correlation, Correlations};
pub use describe::{Column, Description};
pub use histogram::{Bins, Histogram};
pub use numbers::columns;
