//! The axes of a plot, by its data.

use super::axis::{Axis, Wish};
use super::layer::{Bins, Layer};
use super::points::{drawable, extent};
use super::spec::Plot;
use crate::{Error, Result};

/// How much of the data's length is free around it where regions are drawn.
pub(super) const AROUND: f64 = 0.1;

/// What layers need of the axes.
#[derive(Default)]
struct Needs {
    x: Vec<f64>,
    y: Vec<f64>,
    /// Regions, tables and images reach to the ends of the axes.
    full: bool,
    /// Bars stand on the lower end.
    standing: bool,
    rows: Option<Vec<String>>,
    columns: Option<Vec<String>>,
}

impl Needs {
    fn bounds(&mut self, x: impl IntoIterator<Item = f64>, y: impl IntoIterator<Item = f64>) {
        self.x.extend(x);
        self.y.extend(y);
    }
}

/// The axes of a plot, with `free` of the data's length beyond it, still without ticks (but for names).
pub(super) fn axes(plot: &Plot, free: f64) -> Result<[Axis; 2]> {
    let bins = bins(plot);
    let mut needs = Needs::default();
    let (log_x, log_y) = (plot.x.log, plot.y.log);
    let takes = |x: f64, log: bool| drawable(x) && !(log && x <= 0.0);
    let mut names = Vec::new();
    for layer in &plot.layers {
        match layer {
            Layer::Line { points, .. } | Layer::Scatter { points, .. } => {
                let placed = || points.iter().filter(|(x, y)| takes(*x, log_x) && takes(*y, log_y));
                let (x, y) = (extent(placed().map(|p| p.0)), extent(placed().map(|p| p.1)));
                needs.bounds(x.into_iter().flat_map(<[f64; 2]>::from), y.into_iter().flat_map(<[f64; 2]>::from));
            }
            Layer::Histogram { values, .. } => {
                let Some(bins) = &bins else { continue };
                let counts = bins.counts(values);
                let most = counts.iter().copied().max().unwrap_or(0) as f64;
                needs.bounds([bins.edge(0), bins.edge(counts.len())], [if log_y { 0.5 } else { 0.0 }, most.max(1.0)]);
                needs.standing = true;
            }
            Layer::Spread { name, spread, .. } => {
                names.push(name.clone());
                if let Some(spread) = spread {
                    let all = [spread.whiskers.0, spread.whiskers.1].into_iter().chain(spread.outliers.iter().copied());
                    needs.y.extend(all.filter(|&y| takes(y, log_y)));
                }
            }
            Layer::Table(table) => {
                (needs.rows, needs.columns) = (Some(table.rows.clone()), Some(table.columns.clone()));
            }
            Layer::Regions(regions) => {
                needs.full = true;
                needs.bounds([regions.x.0, regions.x.1], [regions.y.0, regions.y.1]);
            }
            Layer::Vertical { x, .. } => needs.x.extend(takes(*x, log_x).then_some(*x)),
            Layer::Image(picture) => {
                needs.full = true;
                needs.bounds([0.0, picture.width as f64], [0.0, picture.height as f64]);
            }
        }
    }
    // Boxes stand at the cells of their names.
    if !names.is_empty() && needs.columns.is_none() {
        needs.columns = Some(names);
    }
    let x = axis(
        "x_range",
        &plot.x,
        &needs.x,
        needs.columns.as_deref(),
        false,
        if needs.full { (0.0, 0.0) } else { (free, free) },
    );
    let below = if needs.standing && !plot.y.log { 0.0 } else { free };
    let y = axis(
        "y_range",
        &plot.y,
        &needs.y,
        needs.rows.as_deref(),
        true,
        if needs.full { (0.0, 0.0) } else { (below, free) },
    );
    Ok([x?, y?])
}

fn axis(
    setting: &'static str,
    wish: &Wish,
    found: &[f64],
    names: Option<&[String]>,
    reversed: bool,
    free: (f64, f64),
) -> Result<Axis> {
    if let Some((low, high)) = wish.range {
        if !(drawable(low) && drawable(high) && low < high) {
            return Err(Error::argument(setting, format!("{setting}: {low} to {high} is no range")));
        }
        if wish.log && low <= 0.0 {
            let problem = format!("{setting}: a logarithmic axis begins above 0, not at {low}");
            return Err(Error::argument(setting, problem));
        }
        return Ok(Axis::new((low, high), wish.log, (0.0, 0.0)));
    }
    if let Some(names) = names {
        return Ok(Axis::cells(names, reversed));
    }
    match extent(found.iter().copied().filter(|&x| !(wish.log && x <= 0.0))) {
        Some(bounds) => Ok(Axis::new(bounds, wish.log, free)),
        None => Err(Error::argument("plot", "plot: there is nothing to draw: no number has a place on the axes")),
    }
}

/// The bins of a plot's histograms.
pub(super) fn bins(plot: &Plot) -> Option<Bins> {
    let values = plot.layers.iter().filter_map(|layer| match layer {
        Layer::Histogram { values, .. } => Some(values.as_slice()),
        _ => None,
    });
    Bins::new(&values.collect::<Vec<_>>().concat(), plot.bins, plot.x.log)
}

/// Whether all numbers along the horizontal axis are whole: epochs, say.
pub(super) fn whole_x(plot: &Plot) -> bool {
    let mut lines = plot.layers.iter().filter_map(|layer| match layer {
        Layer::Line { points, .. } => Some(points),
        _ => None,
    });
    let all_lines = plot.layers.iter().all(|layer| matches!(layer, Layer::Line { .. } | Layer::Vertical { .. }));
    all_lines && lines.all(|points| points.iter().all(|(x, _)| x.fract() == 0.0 || !drawable(*x)))
}
