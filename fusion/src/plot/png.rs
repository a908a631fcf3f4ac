//! An SVG document as a PNG image.

use super::text::FONT;
use crate::{Error, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::Arc;

/// How many pixels a unit has, each way.
pub(super) const PIXELS: u32 = 2;

/// The image of a document of this size in units.
pub(super) fn image(svg: &str, (width, height): (u32, u32)) -> Result<Vec<u8>> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(FONT.to_vec());
    let options = Options { fontdb: Arc::new(fonts), ..Options::default() };
    let fault = |problem: String| Error::argument("plot", format!("plot: {problem}"));
    // A figure with more elements than a reader takes.
    let tree = Tree::from_str(svg, &options).map_err(|error| fault(error.to_string()))?;
    let none = || fault(format!("there is no memory for {width} × {height} units"));
    let mut pixels = Pixmap::new(PIXELS * width, PIXELS * height).ok_or_else(none)?;
    resvg::render(&tree, Transform::from_scale(PIXELS as f32, PIXELS as f32), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| fault(error.to_string()))
}
