//! Figures without a page: SVG and PNG files of lines, points, decision boundaries, histograms, boxes, tables and images (the
//! feature `plot`).
//!
//! ```
//! use fusion::plot::Plot;
//!
//! let losses = [2.30, 0.61, 0.35, 0.24, 0.18];
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("loss.svg");
//! Plot::new().title("Digits").line("loss", losses).x_label("epoch").y_log().save(&path)?; // "loss.svg"
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | | |
//! | --- | --- |
//! | [`Plot::line`] | learning curves, and other lines |
//! | [`Plot::scatter`], [`Plot::classes`] | points, and samples in the colours of their classes |
//! | [`Plot::regions`] | where a network decides for which class |
//! | [`Plot::histogram`], [`Plot::box_plot`] | how numbers lie |
//! | [`Plot::heat_map`], [`Plot::confusion`] | tables: correlations, which class is taken for which |
//! | [`Figure::images`], [`Figure::filters`] | images, and what a first convolution looks for |
//! | [`Figure::new`] | several plots in one file |
//!
//! The same data gives the same bytes. The drawing is done by [plotters](https://docs.rs/plotters), and PNG images are made of the
//! SVG document by [resvg](https://docs.rs/resvg). [`guide::plots`](crate::guide::plots) shows each of them.

mod axis;
mod builder;
mod colour;
mod curve;
mod draw;
mod figure;
mod layer;
mod marks;
mod png;
mod points;
mod range;
mod sheet;
mod spec;
#[cfg(test)]
mod tests;
mod text;

pub use figure::Figure;
pub use points::{Coordinate, Point};
pub use spec::Plot;
