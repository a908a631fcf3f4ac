//! A plot as it is told.

use super::axis::Wish;
use super::layer::Layer;
use crate::{Error, Result};

/// A pair of axes and what they show: lines, points, regions, histograms, boxes, tables, each a method that adds it.
///
/// ```
/// use fusion::plot::Plot;
///
/// let (train, held_out) = ([2.30, 0.61, 0.35, 0.24, 0.18], [2.31, 0.66, 0.44, 0.39, 0.38]);
/// let plot = Plot::new()
///     .title("Digits")
///     .line("learned from", train)
///     .line("held out", held_out)
///     .x_label("epoch")
///     .y_label("cross-entropy")
///     .y_log();
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("loss.svg");
/// plot.save(&path)?; // "loss.svg", or "loss.png"
/// # assert!(std::fs::read_to_string(&path)?.contains("cross-entropy"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Numbers are anything that gives [points](super::Point) or [coordinates](super::Coordinate) one after the other: arrays, slices,
/// vectors, iterators, of integers, of floats, of `Option`s. NaN, infinities and, on a logarithmic axis, what is not above zero have
/// no place: a line has a gap there.
///
/// What cannot be drawn is told when the plot is: see [`Plot::svg`].
#[derive(Clone, Debug)]
#[must_use = "a plot shows nothing until it is saved"]
pub struct Plot {
    pub(super) title: String,
    pub(super) x: Wish,
    pub(super) y: Wish,
    pub(super) layers: Vec<Layer>,
    pub(super) bins: Option<usize>,
    /// Width and height in units.
    pub(super) size: (u32, u32),
    /// Whether there is nothing around it but its title: an image of many.
    pub(super) bare: bool,
    /// The first thing that was wrong.
    pub(super) fault: Option<(&'static str, String)>,
    /// How many series have a colour.
    pub(super) colours: usize,
}

impl Default for Plot {
    fn default() -> Self {
        Self::new()
    }
}

impl Plot {
    /// What was wrong with what the plot was told.
    pub(super) fn check(&self) -> Result<()> {
        match &self.fault {
            None => Ok(()),
            Some((name, problem)) => Err(Error::argument(name, format!("{name}: {problem}"))),
        }
    }
}
