//! A plot in its room: titles, axes and legend around what the layers draw.

use super::axis::{Axis, FREE};
use super::colour::{AXIS, GRID, INK, Picture, Rgb, SOFT, Scale, WHITE, series};
use super::layer::Layer;
use super::sheet::{Drawn, Frame, Sheet, fill, fine, stroke};
use super::spec::Plot;
use super::{marks, range, text};
use crate::{Error, Result};
use plotters::coord::cartesian::{Cartesian2d, MeshLine};
use plotters::coord::ranged1d::BoldPoints;
use plotters::style::text_anchor::{HPos, VPos};

/// The room for the title of an image.
pub(super) const SMALL_TITLE: f64 = 18.0;

/// The sizes of text, in units.
const TITLE: f64 = 16.0;
const LABEL: f64 = 13.0;
const TICK: f64 = 12.0;

/// The room around a plot.
const MARGIN: f64 = 14.0;

/// The height of a line of the legend.
const LINE: f64 = 20.0;

/// The most lines of a legend.
const LEGEND_LINES: usize = 4;

/// The longest names of rows and columns.
const NAME: f64 = 150.0;

/// The least room that axes need, each way.
const LEAST: f64 = 24.0;

/// The room for a scale of colours.
const BAR: f64 = 36.0;

/// How a series looks in the legend.
#[derive(Clone, Copy)]
enum Sample {
    Line,
    Dot,
    Square,
    Vertical,
}

struct Entry {
    name: String,
    colour: Rgb,
    sample: Sample,
}

/// Where things are.
struct Layout {
    frame: Frame,
    x: Axis,
    y: Axis,
    legend: Vec<Vec<(f64, Entry)>>,
    /// Names along the horizontal axis stand upright.
    turned: bool,
}

/// Draws a plot.
pub(super) fn plot(plot: &Plot, sheet: &mut Sheet<'_>, room: Frame) -> Result<()> {
    plot.check()?;
    if plot.bare {
        image(plot, sheet, room);
        return Ok(());
    }
    let Layout { frame, x, y, legend, turned } = layout(plot, room)?;
    let is_table = plot.layers.iter().any(|layer| matches!(layer, Layer::Table(_)));
    let pixels = (fine(frame.left)..fine(frame.right()), fine(frame.bottom())..fine(frame.top));
    let chart = sheet.area.apply_coord_spec(Cartesian2d::<Axis, Axis>::new(x, y, pixels));
    let (x, y) = (chart.as_coord_spec().x_spec(), chart.as_coord_spec().y_spec());

    marks::below(plot, sheet, frame, x, y);
    if let Some(scale) = bar_scale(plot) {
        bar(sheet, frame, scale);
    }
    let named_x = plot.layers.iter().any(|layer| matches!(layer, Layer::Spread { .. }));
    let over_image = plot.layers.iter().any(|layer| matches!(layer, Layer::Regions(_)));
    if !is_table && !over_image {
        let line = |backend: &mut _, line: MeshLine<'_, Axis, Axis>| match line {
            MeshLine::XMesh(..) if named_x => Ok(()),
            line => line.draw(backend, &stroke(GRID, 1.0)),
        };
        // At all ticks of the axes.
        chart.draw_mesh(line, BoldPoints(usize::MAX), BoldPoints(usize::MAX)).drawn();
    }
    marks::draw(plot, sheet, &chart, frame);
    if !is_table {
        let (left, bottom) = (frame.left, frame.bottom());
        sheet.line((left, frame.top), (left, bottom), stroke(AXIS, 1.0));
        sheet.line((left, bottom), (frame.right(), bottom), stroke(AXIS, 1.0));
    }
    ticks(sheet, frame, x, y, turned);
    words(plot, sheet, room, frame);
    for (line, entries) in legend.into_iter().enumerate() {
        let middle = frame.top - 8.0 - LINE / 2.0 - LINE * line as f64;
        for (left, entry) in entries {
            sample(sheet, (left, middle), &entry);
        }
    }
    Ok(())
}

/// An image with its title above it.
fn image(plot: &Plot, sheet: &mut Sheet<'_>, room: Frame) {
    let Some(Layer::Image(picture)) = plot.layers.first() else { return };
    let (width, height) = (f64::from(plot.size.0), f64::from(plot.size.1));
    let at = Frame { left: room.left, top: room.bottom() - height, width, height };
    sheet.image(at, picture.clone(), false);
    if !plot.title.is_empty() {
        let title = text::fitted(&plot.title, TICK, width);
        sheet.text(
            &title,
            (at.left + width / 2.0, at.top - SMALL_TITLE / 2.0),
            (HPos::Center, VPos::Center),
            TICK,
            INK,
        );
    }
}

fn widest(axis: &Axis) -> f64 {
    axis.ticks.iter().map(|tick| text::width(&tick.label, TICK)).fold(0.0, f64::max)
}

fn layout(plot: &Plot, room: Frame) -> Result<Layout> {
    let [mut x, mut y] = range::axes(plot, FREE)?;
    let named = |axis: &Axis| !axis.ticks.is_empty();
    let (names_x, names_y) = (named(&x), named(&y));
    for axis in [&mut x, &mut y] {
        for tick in &mut axis.ticks {
            tick.label = text::fitted(&tick.label, TICK, NAME);
        }
    }
    let whole = range::whole_x(plot);
    let right = MARGIN + bar_scale(plot).map_or(6.0, |scale| BAR + widest(&bar_axis(scale, 6)) + 8.0);
    let label = |text: &str| if text.is_empty() { 0.0 } else { LABEL + 10.0 };
    let title = if plot.title.is_empty() { 0.0 } else { TITLE + 12.0 };
    // Each of these depends on others, but less and less.
    let (mut left, mut bottom, mut lines, mut turned) = (30.0, 30.0, 0, false);
    let mut frame = room;
    let mut legend = Vec::new();
    for _ in 0..4 {
        let top = MARGIN + title + LINE * lines as f64 + if lines > 0 { 6.0 } else { 0.0 };
        frame = Frame {
            left: room.left + left,
            top: room.top + top,
            width: room.width - left - right,
            height: room.height - top - bottom,
        };
        if frame.width < LEAST || frame.height < LEAST {
            let problem =
                format!("size: {} × {} units leave no room between titles and ticks", plot.size.0, plot.size.1);
            return Err(Error::argument("size", problem));
        }
        if !names_y {
            y.tick((frame.height / 46.0).clamp(2.0, 12.0) as usize, false);
        }
        if names_x {
            turned = widest(&x) + 8.0 > frame.width / x.ticks.len() as f64;
        } else {
            tick_across(&mut x, frame.width, whole);
        }
        left = MARGIN + label(&plot.y.label) + widest(&y) + 8.0;
        bottom = MARGIN + label(&plot.x.label) + if turned { widest(&x) } else { TICK } + 8.0;
        legend = legend_lines(plot, frame.left, room.right() - MARGIN - frame.left);
        lines = legend.len();
    }
    // The first line is the highest.
    legend.reverse();
    Ok(Layout { frame, x, y, legend, turned })
}

/// As many ticks as have room beside each other.
fn tick_across(axis: &mut Axis, width: f64, whole: bool) {
    for most in (2..=((width / 60.0).clamp(2.0, 12.0) as usize)).rev() {
        axis.tick(most, whole);
        if axis.ticks.len() as f64 * (widest(axis) + 14.0) <= width {
            break;
        }
    }
}

/// The scale of colours that is drawn beside a table.
fn bar_scale(plot: &Plot) -> Option<Scale> {
    plot.layers.iter().find_map(|layer| match layer {
        Layer::Table(table) if table.bar => Some(table.scale),
        _ => None,
    })
}

/// The axis of a scale of colours.
fn bar_axis(scale: Scale, most: usize) -> Axis {
    let mut axis = Axis::new((scale.low, scale.high), false, (0.0, 0.0));
    axis.tick(most, false);
    axis
}

/// What the legend says.
fn entries(plot: &Plot) -> Vec<Entry> {
    let of = |layer: &Layer| {
        let (name, colour, sample, empty) = match layer {
            Layer::Line { name, colour, points } => (name, series(*colour), Sample::Line, points.is_empty()),
            Layer::Scatter { name, colour, points } => (name, series(*colour), Sample::Dot, points.is_empty()),
            Layer::Histogram { name, colour, values } => (name, series(*colour), Sample::Square, values.is_empty()),
            Layer::Vertical { name, .. } => (name, AXIS, Sample::Vertical, false),
            _ => return None,
        };
        let name = if empty && !name.is_empty() { format!("{name} (nothing)") } else { name.clone() };
        (!name.is_empty()).then_some(Entry { name, colour, sample })
    };
    plot.layers.iter().filter_map(of).collect()
}

/// The legend in lines of this width, each entry with its left end.
fn legend_lines(plot: &Plot, left: f64, width: f64) -> Vec<Vec<(f64, Entry)>> {
    const SAMPLE: f64 = 24.0;
    const BETWEEN: f64 = 18.0;
    let (mut lines, mut at): (Vec<Vec<(f64, Entry)>>, f64) = (Vec::new(), f64::INFINITY);
    let entries = entries(plot);
    let count = entries.len();
    for (i, mut entry) in entries.into_iter().enumerate() {
        entry.name = text::fitted(&entry.name, TICK, width - SAMPLE);
        let needs = SAMPLE + text::width(&entry.name, TICK);
        if at + needs > left + width {
            if lines.len() == LEGEND_LINES {
                // The last one that fits says how many do not.
                if let Some((_, last)) = lines.last_mut().and_then(|line| line.last_mut()) {
                    last.name = format!("… and {} more", count - i + 1);
                }
                return lines;
            }
            lines.push(Vec::new());
            at = left;
        }
        if let Some(line) = lines.last_mut() {
            line.push((at, entry));
        }
        at += needs + BETWEEN;
    }
    lines
}

/// A sample of a series and its name, with its left end and its middle there.
fn sample(sheet: &Sheet<'_>, (left, middle): (f64, f64), entry: &Entry) {
    match entry.sample {
        Sample::Line => sheet.line((left, middle), (left + 17.0, middle), stroke(entry.colour, 2.4)),
        Sample::Dot => sheet.dot((left + 9.0, middle), 4.5, fill(entry.colour, 1.0)),
        Sample::Square => {
            let at = Frame { left: left + 3.0, top: middle - 6.0, width: 12.0, height: 12.0 };
            sheet.rectangle(at, fill(entry.colour, 0.8));
        }
        Sample::Vertical => {
            sheet.line((left + 9.0, middle - 7.0), (left + 9.0, middle + 7.0), stroke(entry.colour, 1.6))
        }
    }
    sheet.text(&entry.name, (left + 24.0, middle), (HPos::Left, VPos::Center), TICK, INK);
}

/// What stands at the ticks; of names that are closer than letters are high, each second, third, ...
fn ticks(sheet: &Sheet<'_>, frame: Frame, x: &Axis, y: &Axis, turned: bool) {
    let each = |room: f64, count: usize| (count as f64 * (TICK + 1.0) / room).ceil().max(1.0) as usize;
    let step = if turned { each(frame.width, x.ticks.len()) } else { 1 };
    for tick in x.ticks.iter().step_by(step) {
        let (across, below) = (frame.left + x.place(tick.at) * frame.width, frame.bottom() + 7.0);
        if turned {
            sheet.turned(&tick.label, (across, below), HPos::Right, TICK, SOFT);
        } else {
            sheet.text(&tick.label, (across, below), (HPos::Center, VPos::Top), TICK, SOFT);
        }
    }
    for tick in y.ticks.iter().step_by(each(frame.height, y.ticks.len())) {
        let at = (frame.left - 7.0, frame.bottom() - y.place(tick.at) * frame.height);
        sheet.text(&tick.label, at, (HPos::Right, VPos::Center), TICK, SOFT);
    }
}

/// The title and the labels of the axes.
fn words(plot: &Plot, sheet: &Sheet<'_>, room: Frame, frame: Frame) {
    if !plot.title.is_empty() {
        let title = text::fitted(&plot.title, TITLE, room.right() - MARGIN - frame.left);
        sheet.text(&title, (frame.left, room.top + MARGIN), (HPos::Left, VPos::Top), TITLE, INK);
    }
    if !plot.x.label.is_empty() {
        let label = text::fitted(&plot.x.label, LABEL, room.width - 2.0 * MARGIN);
        let at = (frame.left + frame.width / 2.0, room.bottom() - MARGIN);
        sheet.text(&label, at, (HPos::Center, VPos::Bottom), LABEL, INK);
    }
    if !plot.y.label.is_empty() {
        let label = text::fitted(&plot.y.label, LABEL, room.height - 2.0 * MARGIN);
        let at = (room.left + MARGIN + LABEL / 2.0 - 1.0, frame.top + frame.height / 2.0);
        sheet.turned(&label, at, HPos::Center, LABEL, INK);
    }
}

/// The scale of a table's colours, to the right of it.
fn bar(sheet: &mut Sheet<'_>, frame: Frame, scale: Scale) {
    let at = Frame { left: frame.right() + 16.0, top: frame.top, width: 14.0, height: frame.height };
    let shades = (0..=255).rev().map(|i| scale.colour(scale.low + (scale.high - scale.low) * f64::from(i) / 255.0));
    sheet.image(at, Picture::new(1, 256, shades), true);
    let axis = bar_axis(scale, ((frame.height / 46.0) as usize).clamp(2, 6));
    for tick in &axis.ticks {
        let down = at.bottom() - axis.place(tick.at) * at.height;
        sheet.line((at.right() - 4.0, down), (at.right(), down), stroke(WHITE, 1.0));
        sheet.text(&tick.label, (at.right() + 6.0, down), (HPos::Left, VPos::Center), TICK, SOFT);
    }
}
