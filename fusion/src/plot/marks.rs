//! What the layers of a plot draw within its frame.

use super::axis::Axis;
use super::colour::{AXIS, INK, Picture, Rgb, WHITE, is_dark, mix, series};
use super::curve::{Place, clipped, runs, thinned};
use super::layer::{Layer, Regions, Spread, Table};
use super::points::drawable;
use super::sheet::{Drawn, Frame, Sheet, fill, fine, stroke};
use super::spec::Plot;
use super::{range, text};
use plotters::backend::SVGBackend;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, VPos};
use std::collections::HashSet;

/// Where data is drawn, in its own coordinates.
pub(super) type Chart<'a> = DrawingArea<SVGBackend<'a>, Cartesian2d<Axis, Axis>>;

/// Draws what is an image, below the grid.
pub(super) fn below(plot: &Plot, sheet: &mut Sheet<'_>, frame: Frame, x: &Axis, y: &Axis) {
    for layer in &plot.layers {
        match layer {
            Layer::Regions(found) => {
                let log = (plot.x.log, plot.y.log);
                sheet.image(frame, regions(found, (x, y), log, (frame.width, frame.height)), false);
            }
            Layer::Table(table) => {
                let pixels = table.values.iter().map(|&value| table.scale.colour(value));
                let picture = Picture::new(table.columns.len(), table.rows.len(), pixels);
                sheet.image(frame, picture, false);
            }
            Layer::Image(picture) => sheet.image(frame, picture.clone(), false),
            _ => {}
        }
    }
}

/// Draws all else, each layer over those before it.
pub(super) fn draw(plot: &Plot, sheet: &Sheet<'_>, chart: &Chart<'_>, frame: Frame) {
    let bins = range::bins(plot);
    let histograms = plot.layers.iter().filter(|layer| matches!(layer, Layer::Histogram { .. })).count();
    let mut boxes = 0.0;
    for layer in &plot.layers {
        match layer {
            Layer::Line { colour, points, .. } => line(chart, points, series(*colour), frame.width),
            Layer::Scatter { colour, points, .. } => scatter(chart, points, series(*colour)),
            Layer::Histogram { colour, values, .. } => {
                let Some(bins) = &bins else { continue };
                let counts = bins.counts(values);
                let bars = counts.iter().enumerate().map(|(i, &count)| (bins.edge(i), bins.edge(i + 1), count as f64));
                histogram(chart, bars, series(*colour), histograms > 1);
            }
            Layer::Spread { colour, spread, .. } => {
                boxes += 1.0;
                if let Some(spread) = spread {
                    a_box(chart, spread, boxes - 0.5, series(*colour));
                }
            }
            Layer::Table(table) => cells(sheet, chart, table, frame),
            Layer::Vertical { x, .. } => {
                let place = axes(chart).0.place(*x);
                if axes(chart).0.takes(*x) {
                    path(chart, &[(place, 0.0), (place, 1.0)], AXIS, 1.6);
                }
            }
            Layer::Regions(_) | Layer::Image(_) => {}
        }
    }
}

fn axes<'a>(chart: &'a Chart<'_>) -> (&'a Axis, &'a Axis) {
    (chart.as_coord_spec().x_spec(), chart.as_coord_spec().y_spec())
}

/// A line through places, without what lies beyond the frame.
fn path(chart: &Chart<'_>, run: &[Place], colour: Rgb, width: f64) {
    let (x, y) = axes(chart);
    for part in clipped(run) {
        let points: Vec<(f64, f64)> = part.iter().map(|place| (x.at(place.0), y.at(place.1))).collect();
        match points[..] {
            [only] => chart.draw(&Circle::new(only, fine(width), fill(colour, 1.0))).drawn(),
            _ => chart.draw(&PathElement::new(points, stroke(colour, width))).drawn(),
        }
    }
}

fn line(chart: &Chart<'_>, points: &[(f64, f64)], colour: Rgb, width: f64) {
    let (x, y) = axes(chart);
    for run in runs(points, x, y) {
        path(chart, &thinned(run, 2 * width as usize), colour, 2.0);
    }
}

/// How many dots have a rim, and are large.
const FEW: usize = 2000;

fn scatter(chart: &Chart<'_>, points: &[(f64, f64)], colour: Rgb) {
    let ((x, y), (wide, high)) = (axes(chart), chart.dim_in_pixel());
    let inside = |place: &Place| (0.0..=1.0).contains(&place.0) && (0.0..=1.0).contains(&place.1);
    let places = points.iter().filter(|p| x.takes(p.0) && y.takes(p.1)).map(|p| (x.place(p.0), y.place(p.1)));
    let places: Vec<Place> = places.filter(inside).collect();
    let few = places.len() <= FEW;
    // Of dots in one place, to a unit, one is seen.
    let mut seen = HashSet::new();
    let cell = |place: &Place| ((place.0 * f64::from(wide) / 10.0) as u32, (place.1 * f64::from(high) / 10.0) as u32);
    for place in places.iter().filter(|place| few || seen.insert(cell(place))) {
        let at = (x.at(place.0), y.at(place.1));
        if few {
            chart.draw(&Circle::new(at, 45, fill(WHITE, 0.9))).drawn();
        }
        chart.draw(&Circle::new(at, if few { 36 } else { 16 }, fill(colour, if few { 1.0 } else { 0.6 }))).drawn();
    }
}

/// Bars from the lower end: where each begins and ends, and how high it is.
fn histogram(chart: &Chart<'_>, bars: impl Iterator<Item = (f64, f64, f64)>, colour: Rgb, several: bool) {
    let (x, y) = axes(chart);
    let within = |axis: &Axis, value: f64| axis.at(axis.place(value).clamp(0.0, 1.0));
    for (left, right, count) in bars.filter(|bar| bar.2 > 0.0) {
        let corners = [(within(x, left), y.at(0.0)), (within(x, right), within(y, count))];
        chart.draw(&Rectangle::new(corners, fill(colour, if several { 0.5 } else { 0.85 }))).drawn();
        let [from, to] = corners.map(|corner| (x.place(corner.0), y.place(corner.1)));
        // Bars are told apart by their rims.
        let rim = if several { colour } else { WHITE };
        path(chart, &[(from.0, 0.0), (from.0, to.1), (to.0, to.1), (to.0, 0.0)], rim, 0.8);
    }
}

fn a_box(chart: &Chart<'_>, spread: &Spread, middle: f64, colour: Rgb) {
    let (x, y) = axes(chart);
    let across = |by: f64| x.place(middle + by);
    let up = |value: f64| y.place(value);
    let [low, median, high] = spread.quartiles;
    if [low, high, spread.whiskers.0, spread.whiskers.1].iter().any(|&value| !y.takes(value)) {
        return;
    }
    let (left, right) = (across(-0.28), across(0.28));
    for (from, to) in [(low, spread.whiskers.0), (high, spread.whiskers.1)] {
        path(chart, &[(across(0.0), up(from)), (across(0.0), up(to))], colour, 1.4);
        path(chart, &[(across(-0.12), up(to)), (across(0.12), up(to))], colour, 1.4);
    }
    let inside = |value: f64| y.at(up(value).clamp(0.0, 1.0));
    let corners = [(x.at(left), inside(low)), (x.at(right), inside(high))];
    chart.draw(&Rectangle::new(corners, fill(mix(colour, WHITE, 0.65), 1.0))).drawn();
    let rim = [(left, up(low)), (left, up(high)), (right, up(high)), (right, up(low)), (left, up(low))];
    path(chart, &rim, colour, 1.4);
    path(chart, &[(left, up(median)), (right, up(median))], colour, 2.6);
    let outliers: Vec<(f64, f64)> = spread.outliers.iter().map(|&value| (middle, value)).collect();
    scatter(chart, &outliers, colour);
}

/// What stands in the cells of a table, and the lines between them.
fn cells(sheet: &Sheet<'_>, chart: &Chart<'_>, table: &Table, frame: Frame) {
    let (rows, columns) = (table.rows.len(), table.columns.len());
    let (wide, high) = (frame.width / columns as f64, frame.height / rows as f64);
    if wide.min(high) >= 8.0 {
        let (x, y) = axes(chart);
        for column in 1..columns {
            path(chart, &[(x.place(column as f64), 0.0), (x.place(column as f64), 1.0)], WHITE, 1.0);
        }
        for row in 1..rows {
            path(chart, &[(0.0, y.place(row as f64)), (1.0, y.place(row as f64))], WHITE, 1.0);
        }
    }
    if wide < 12.0 || high < 12.0 {
        return;
    }
    let fits =
        |size: &f64| *size + 5.0 <= high && table.texts.iter().all(|text| text::width(text, *size) + 5.0 <= wide);
    let Some(size) = [14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0].into_iter().find(fits) else { return };
    for (i, (text, &value)) in table.texts.iter().zip(&table.values).enumerate() {
        let at = (frame.left + wide * ((i % columns) as f64 + 0.5), frame.top + high * ((i / columns) as f64 + 0.5));
        let colour = match is_dark(table.scale.colour(value)) {
            true => WHITE,
            false if text == "0" => AXIS,
            false => INK,
        };
        if drawable(value) {
            sheet.text(text, at, (HPos::Center, VPos::Center), size, colour);
        }
    }
}

/// The classes of a plane, two pixels for each unit each way.
fn regions(regions: &Regions, (x, y): (&Axis, &Axis), log: (bool, bool), size: (f64, f64)) -> Picture {
    let (width, height) = ((2.0 * size.0).ceil() as usize, (2.0 * size.1).ceil() as usize);
    let own = (Axis::new(regions.x, log.0, (0.0, 0.0)), Axis::new(regions.y, log.1, (0.0, 0.0)));
    let class = |right: f64, down: f64| {
        let place = (own.0.place(x.at(right / width as f64)), own.1.place(y.at(1.0 - down / height as f64)));
        // A hair beyond the end is rounding.
        let inside = |place: f64| (-1e-6..=1.0 + 1e-6).contains(&place);
        if inside(place.0) && inside(place.1) { regions.class(place.0, place.1) } else { None }
    };
    let shade = |class: Option<usize>| class.map_or(WHITE, |class| mix(series(class), WHITE, 0.72));
    // A pixel whose corners are of one class is of that class; of another, the mean of sixteen places.
    let corners = |row: usize| -> Vec<Option<usize>> { (0..=width).map(|i| class(i as f64, row as f64)).collect() };
    let (mut above, mut pixels) = (corners(0), Vec::with_capacity(width * height));
    for row in 0..height {
        let under = corners(row + 1);
        for column in 0..width {
            let [a, b, c, d] = [above[column], above[column + 1], under[column], under[column + 1]];
            if a == b && b == c && c == d {
                pixels.push(shade(a));
                continue;
            }
            let mut sums = [0_u32; 3];
            for part in 0..16 {
                let (right, down) = (f64::from(part % 4) / 4.0 + 0.125, f64::from(part / 4) / 4.0 + 0.125);
                let colour = shade(class(column as f64 + right, row as f64 + down));
                sums.iter_mut().zip(colour).for_each(|(sum, level)| *sum += u32::from(level));
            }
            pixels.push(sums.map(|sum| (sum / 16) as u8));
        }
        above = under;
    }
    Picture::new(width, height, pixels.into_iter())
}
