//! A sheet to draw on, which becomes an SVG document.
//!
//! plotters counts in whole pixels, so a sheet is drawn ten times as large and its document says so. plotters has no element for
//! an image of another size than its pixels: those lie below all that it draws, in the order in which they come.

use super::colour::{Picture, Rgb, WHITE, plain};
use super::text::{self, FAMILY};
use base64::Engine;
use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, ShapeStyle, TextStyle};
use resvg::tiny_skia::Pixmap;
use std::fmt::Write;

/// How many of plotters' pixels a unit has.
const FINE: f64 = 10.0;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A rectangle in units: left, top, width, height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Frame {
    pub(super) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }
}

/// plotters' errors are those of files and fonts, and a document in memory has neither.
pub(super) trait Drawn<T> {
    fn drawn(self) -> T;
}

impl<T, E: std::fmt::Debug> Drawn<T> for Result<T, E> {
    fn drawn(self) -> T {
        self.expect("a string takes all")
    }
}

pub(super) fn fine(units: f64) -> i32 {
    (units * FINE).round() as i32
}

pub(super) fn fill(colour: Rgb, alpha: f64) -> ShapeStyle {
    plain(colour).mix(alpha).filled()
}

pub(super) fn stroke(colour: Rgb, units: f64) -> ShapeStyle {
    plain(colour).stroke_width(fine(units) as u32)
}

/// An image below what plotters draws.
struct Below {
    at: Frame,
    picture: Picture,
    smooth: bool,
}

pub(super) struct Sheet<'a> {
    pub(super) area: Area<'a>,
    below: Vec<Below>,
}

impl Sheet<'_> {
    /// Below all else, over the whole frame.
    pub(super) fn image(&mut self, at: Frame, picture: Picture, smooth: bool) {
        self.below.push(Below { at, picture, smooth });
    }

    pub(super) fn text(&self, text: &str, (x, y): (f64, f64), (h, v): (HPos, VPos), size: f64, colour: Rgb) {
        self.write(text, (x, y), (h, v), (size, colour), FontTransform::None);
    }

    /// From below to above.
    pub(super) fn turned(&self, text: &str, (x, y): (f64, f64), h: HPos, size: f64, colour: Rgb) {
        self.write(text, (x, y), (h, VPos::Center), (size, colour), FontTransform::Rotate270);
    }

    fn write(&self, text: &str, at: (f64, f64), (h, v): (HPos, VPos), (size, colour): (f64, Rgb), turn: FontTransform) {
        // plotters takes the height of a line, which it has as 1.24 times the size of the font.
        let font = FontDesc::new(FontFamily::Name(FAMILY), size * FINE * 1.24, FontStyle::Normal).transform(turn);
        let colour = plain(colour);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(h, v));
        self.area.draw_text(text, &style, (fine(at.0), fine(at.1))).drawn();
    }

    pub(super) fn line(&self, from: (f64, f64), to: (f64, f64), style: ShapeStyle) {
        let ends = [from, to].map(|(x, y)| (fine(x), fine(y)));
        self.area.draw(&PathElement::new(ends, style)).drawn();
    }

    pub(super) fn rectangle(&self, at: Frame, style: ShapeStyle) {
        let corners = [(fine(at.left), fine(at.top)), (fine(at.right()), fine(at.bottom()))];
        self.area.draw(&Rectangle::new(corners, style)).drawn();
    }

    pub(super) fn dot(&self, (x, y): (f64, f64), radius: f64, style: ShapeStyle) {
        self.area.draw(&Circle::new((fine(x), fine(y)), fine(radius), style)).drawn();
    }
}

/// The document of a sheet of this size on which `draw` drew.
pub(super) fn document<E>(
    title: &str,
    (width, height): (f64, f64),
    draw: impl FnOnce(&mut Sheet<'_>) -> Result<(), E>,
) -> Result<String, E> {
    let mut drawn = String::new();
    let area = SVGBackend::with_string(&mut drawn, (fine(width) as u32, fine(height) as u32)).into_drawing_area();
    let mut sheet = Sheet { area, below: Vec::new() };
    let result = draw(&mut sheet);
    sheet.area.present().drawn();
    let below = std::mem::take(&mut sheet.below);
    drop(sheet);
    result?;
    let (wide, high) = (fine(width), fine(height));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {wide} {high}\">\n\
         <style>rect{{shape-rendering:crispEdges}}polyline{{stroke-linejoin:round;stroke-linecap:round}}</style>\n"
    );
    if !title.is_empty() {
        svg += &format!("<title>{}</title>\n", text::escaped(title));
    }
    let [r, g, b] = WHITE;
    svg += &format!("<rect width=\"{wide}\" height=\"{high}\" fill=\"#{r:02x}{g:02x}{b:02x}\"/>\n");
    for Below { at, picture, smooth } in below {
        let rendering = if smooth { "auto" } else { "pixelated" };
        writeln!(
            svg,
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
             style=\"image-rendering:{rendering}\" href=\"data:image/png;base64,{}\"/>",
            fine(at.left),
            fine(at.top),
            fine(at.width),
            fine(at.height),
            base64::engine::general_purpose::STANDARD.encode(png(&picture))
        )
        .drawn();
    }
    // What plotters drew, without its own first line.
    svg += drawn.split_once('\n').map_or("</svg>\n", |(_, rest)| rest);
    Ok(svg)
}

/// A picture as a PNG file.
fn png(picture: &Picture) -> Vec<u8> {
    let mut pixels = Pixmap::new(picture.width as u32, picture.height as u32).expect("a picture of some size");
    for (pixel, [r, g, b]) in pixels.data_mut().chunks_exact_mut(4).zip(&picture.pixels) {
        pixel.copy_from_slice(&[*r, *g, *b, 255]);
    }
    pixels.encode_png().expect("an image in memory")
}
